import { GetCostAndUsageCommand } from "@aws-sdk/client-cost-explorer";
import {
  AccessDeniedException,
  ListAccountsCommand,
  ListRootsCommand,
  type OrganizationsClient,
} from "@aws-sdk/client-organizations";
import { ListBucketsCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import {
  AssumeRoleCommand,
  AssumeRoleWithWebIdentityCommand,
  type Credentials,
  GetCallerIdentityCommand,
} from "@aws-sdk/client-sts";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { DEMO_CREDENTIALS } from "#demo/aws/s3.ts";
import { demoRoleOf } from "#demo/aws/server.ts";
import { type AwsFixture, type AwsKeys, BY_SERVICE, failureOf, openAws } from "#test/integration/demo/aws-fixture.ts";

let aws: AwsFixture;
let organizations: OrganizationsClient;
let payer = "";

beforeAll(async () => {
  aws = await openAws();
  organizations = aws.organizations();
  payer = aws.estate.awsOrganization.managementAccountId;
});

afterEach(() => {
  aws.server.reset();
});

afterAll(() => aws.close());

async function assume(arn: string, externalId?: string): Promise<AwsKeys> {
  const { Credentials: handedOut } = await aws
    .sts()
    .send(new AssumeRoleCommand({ RoleArn: arn, RoleSessionName: "bursar", ExternalId: externalId }));
  return keysOf(handedOut);
}

function keysOf(handedOut: Credentials | undefined): AwsKeys {
  return {
    accessKeyId: handedOut!.AccessKeyId!,
    secretAccessKey: handedOut!.SecretAccessKey!,
    sessionToken: handedOut!.SessionToken!,
  };
}

function roleWith(...policy: string[]): string {
  const arn = `arn:aws:iam::${payer}:role/test-reader`;
  aws.server.roles.set({ arn, policy });
  return arn;
}

const monthlyCosts = new GetCostAndUsageCommand({ ...BY_SERVICE, Granularity: "MONTHLY" });

describe("who calls", () => {
  test("permanent keys and assumed roles are told who they are", async () => {
    expect(await aws.sts().send(new GetCallerIdentityCommand({}))).toMatchObject({
      Account: payer,
      Arn: `arn:aws:iam::${payer}:user/demo`,
    });
    const role = demoRoleOf(aws.estate);
    const keys = await assume(role.arn, role.externalId);
    expect(await aws.sts(keys).send(new GetCallerIdentityCommand({}))).toMatchObject({
      Account: payer,
      Arn: `arn:aws:sts::${payer}:assumed-role/bursar-reader/bursar`,
    });
    expect(aws.server.calls.map(({ service, operation, account }) => [service, operation, account])).toEqual([
      ["sts", "GetCallerIdentity", payer],
      ["sts", "AssumeRole", payer],
      ["sts", "GetCallerIdentity", payer],
    ]);
  });

  test("a role is not assumed with another external id, nor one that is not there", async () => {
    const { arn } = demoRoleOf(aws.estate);
    for (const attempt of [assume(arn), assume(arn, "guessed"), assume(`${arn}-2`)]) {
      const failure = await failureOf(attempt);
      expect(failure).toMatchObject({ name: "AccessDenied", status: 403 });
      expect(failure.message).toContain(`user/demo is not authorized to perform: sts:AssumeRole on resource: ${arn}`);
    }
  });

  test("a web identity gets a role that trusts its subject, without a signature", async () => {
    const arn = `arn:aws:iam::${payer}:role/workload`;
    aws.server.roles.set({ arn, policy: ["ce:*"], webIdentitySubject: "system:serviceaccount:bursar:worker" });
    const tokenOf = (sub: string, exp: number) =>
      `e30.${Buffer.from(JSON.stringify({ sub, exp })).toString("base64url")}.signature`;
    const request = (WebIdentityToken: string) =>
      aws.sts().send(new AssumeRoleWithWebIdentityCommand({ RoleArn: arn, RoleSessionName: "pod", WebIdentityToken }));
    const answer = await request(tokenOf("system:serviceaccount:bursar:worker", 4_000_000_000));
    expect(answer.Credentials!.Expiration).toBeInstanceOf(Date);
    const keys = keysOf(answer.Credentials);
    expect((await aws.costExplorer(keys).send(monthlyCosts)).ResultsByTime).toHaveLength(1);
    expect((await failureOf(request(tokenOf("somebody else", 4_000_000_000)))).name).toBe("AccessDenied");
    expect((await failureOf(request(tokenOf("system:serviceaccount:bursar:worker", 1)))).name).toBe(
      "ExpiredTokenException",
    );
    expect((await failureOf(request("no token at all"))).name).toContain("InvalidIdentityToken");
  });

  test("wrong secrets, unknown keys, a missing session token and a foreign region are refused", async () => {
    const ask = (keys: AwsKeys, region?: string) => failureOf(aws.costExplorer(keys, region).send(monthlyCosts));
    expect((await ask({ ...DEMO_CREDENTIALS, secretAccessKey: "guessed" })).name).toBe("InvalidSignatureException");
    expect((await ask({ accessKeyId: "AKIAUNKNOWN", secretAccessKey: "x" })).name).toBe("UnrecognizedClientException");
    const { sessionToken: _, ...keys } = await assume(roleWith("ce:*"));
    expect((await ask(keys)).name).toBe("UnrecognizedClientException");
    expect(await ask(DEMO_CREDENTIALS, "eu-central-1")).toMatchObject({
      name: "InvalidSignatureException",
      message: "Credential should be scoped to a valid region.",
    });
    expect(
      (
        await failureOf(
          aws.sts({ accessKeyId: "AKIAUNKNOWN", secretAccessKey: "x" }).send(new GetCallerIdentityCommand({})),
        )
      ).name,
    ).toBe("InvalidClientTokenId");
  });

  test("temporary credentials end", async () => {
    const client = aws.costExplorer(await assume(roleWith("ce:*")));
    await client.send(monthlyCosts);
    aws.server.expireSessions();
    expect(await failureOf(client.send(monthlyCosts))).toMatchObject({
      name: "ExpiredTokenException",
      message: "The security token included in the request is expired",
    });
  });

  test("a session is as long as was asked, between a quarter of an hour and twelve hours", async () => {
    const request = (DurationSeconds: number) =>
      aws.sts().send(new AssumeRoleCommand({ RoleArn: roleWith(), RoleSessionName: "bursar", DurationSeconds }));
    const before = Date.now();
    const { Credentials: handedOut } = await request(1_800);
    expect(Math.round((handedOut!.Expiration!.getTime() - before) / 60_000)).toBe(30);
    expect((await failureOf(request(60))).name).toBe("ValidationError");
  });
});

describe("permissions", () => {
  test("what no policy allows is denied in AWS's words", async () => {
    const keys = await assume(roleWith("ce:GetCostAndUsage"));
    expect((await aws.costExplorer(keys).send(monthlyCosts)).ResultsByTime).toHaveLength(1);
    const session = `arn:aws:sts::${payer}:assumed-role/test-reader/bursar`;
    const refused = await aws
      .organizations(keys)
      .send(new ListRootsCommand({}))
      .catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(AccessDeniedException);
    expect((refused as Error).message).toBe(
      `User: ${session} is not authorized to perform: organizations:ListRoots on resource: * because no identity-based policy allows the organizations:ListRoots action`,
    );
    // A policy counts as it is now, not as it was when the session began.
    roleWith("organizations:List*");
    expect((await aws.organizations(keys).send(new ListRootsCommand({}))).Roots).toHaveLength(1);
    expect(await failureOf(aws.costExplorer(keys).send(monthlyCosts))).toMatchObject({
      name: "AccessDeniedException",
      message: `User: ${session} is not authorized to perform: ce:GetCostAndUsage on resource: arn:aws:ce:us-east-1:${payer}:/GetCostAndUsage because no identity-based policy allows the ce:GetCostAndUsage action`,
    });
  });

  test("one action can be taken away from everybody", async () => {
    aws.server.faults.denyAction("organizations:ListAccounts");
    expect((await failureOf(organizations.send(new ListAccountsCommand({})))).name).toBe("AccessDeniedException");
    await organizations.send(new ListRootsCommand({}));
    aws.server.faults.clear();
    await organizations.send(new ListAccountsCommand({}));
  });

  test("buckets ask for permission too", async () => {
    const s3 = new S3Client({
      endpoint: aws.server.url,
      region: "eu-central-1",
      forcePathStyle: true,
      maxAttempts: 1,
      credentials: await assume(roleWith("s3:ListAllMyBuckets")),
    });
    expect((await s3.send(new ListBucketsCommand({}))).Buckets).toEqual([]);
    const failure = await failureOf(s3.send(new ListObjectsV2Command({ Bucket: "exports" })));
    expect(failure).toMatchObject({ name: "AccessDenied", status: 403 });
    expect(failure.message).toContain('s3:ListBucket on resource: "arn:aws:s3:::exports"');
    s3.destroy();
    expect(
      aws.server.calls.filter(({ service }) => service === "s3").map(({ status, account }) => [status, account]),
    ).toEqual([
      [200, payer],
      [403, payer],
    ]);
  });

  test("a member account sees its own cost only, and nothing of the organisation unless it is delegated", async () => {
    const { accounts } = aws.estate.awsOrganization;
    const at = (name: string) => accounts.find((account) => account.name === name)!.id;
    const roleIn = async (account: string) => {
      const arn = `arn:aws:iam::${account}:role/reader`;
      aws.server.roles.set({ arn, policy: ["ce:*", "organizations:*"] });
      return assume(arn);
    };
    const ordinary = await roleIn(at("fraud-detection-prod"));
    const { ResultsByTime } = await aws.costExplorer(ordinary).send(
      new GetCostAndUsageCommand({
        ...BY_SERVICE,
        Granularity: "MONTHLY",
        GroupBy: [{ Type: "DIMENSION", Key: "LINKED_ACCOUNT" }],
      }),
    );
    expect(ResultsByTime![0]!.Groups!.map(({ Keys }) => Keys)).toEqual([[at("fraud-detection-prod")]]);
    expect(await failureOf(aws.organizations(ordinary).send(new ListAccountsCommand({})))).toMatchObject({
      name: "AccessDeniedException",
      message: "You don't have permissions to access this resource.",
    });
    const delegated = aws.organizations(await roleIn(at("security-tooling")));
    expect((await delegated.send(new ListAccountsCommand({}))).Accounts).toHaveLength(20);
  });
});

describe("what goes wrong", () => {
  test("each service throttles with its own error", async () => {
    aws.server.faults.throttle(3);
    const names = [
      (await failureOf(aws.costExplorer().send(monthlyCosts))).name,
      (await failureOf(organizations.send(new ListRootsCommand({})))).name,
      (await failureOf(aws.sts().send(new GetCallerIdentityCommand({})))).name,
    ];
    expect(names).toEqual(["LimitExceededException", "TooManyRequestsException", "Throttling"]);
    expect(aws.server.calls.map(({ errorCode }) => errorCode)).toEqual(names);
    await organizations.send(new ListRootsCommand({}));
  });

  test("a share of the calls is throttled, in an order that the seed repeats", async () => {
    const outcomes = async (): Promise<boolean[]> => {
      aws.server.reset();
      aws.server.faults.throttleShare(0.3, { service: "organizations" });
      const answered: boolean[] = [];
      for (let call = 0; call < 100; call += 1)
        answered.push(
          await organizations.send(new ListRootsCommand({})).then(
            () => true,
            () => false,
          ),
        );
      return answered;
    };
    const first = await outcomes();
    const throttled = first.filter((isAnswered) => !isAnswered).length;
    expect(throttled).toBeGreaterThan(18);
    expect(throttled).toBeLessThan(42);
    expect(await outcomes()).toEqual(first);
    await aws.sts().send(new GetCallerIdentityCommand({}));
  });

  test("a rate of calls a second is kept for each service", async () => {
    const limited = await openAws({ callsPerSecond: 5 });
    try {
      const client = limited.organizations();
      const outcomes = await Promise.allSettled(
        Array.from({ length: 30 }, () => client.send(new ListRootsCommand({}))),
      );
      const answered = outcomes.filter(({ status }) => status === "fulfilled").length;
      expect(answered).toBeGreaterThanOrEqual(5);
      expect(answered).toBeLessThan(30);
      await limited.costExplorer().send(monthlyCosts);
    } finally {
      await limited.close();
    }
  });

  test("a named error, a cut connection and a latency come when they are planned", async () => {
    const client = aws.costExplorer();
    aws.server.faults.fail("DataUnavailableException", 1, { operation: "GetCostAndUsage" });
    expect(await failureOf(client.send(monthlyCosts))).toMatchObject({
      name: "DataUnavailableException",
      message: "The requested data is unavailable.",
    });
    aws.server.faults.cutAfter(100);
    expect((await failureOf(client.send(monthlyCosts))).status).not.toBe(400);
    aws.server.faults.delay(60);
    const before = performance.now();
    await client.send(monthlyCosts);
    expect(performance.now() - before).toBeGreaterThan(55);
  });

  test("calls and their price are counted until they are forgotten", async () => {
    const client = aws.costExplorer();
    await client.send(monthlyCosts);
    await client.send(monthlyCosts);
    await organizations.send(new ListRootsCommand({}));
    expect(
      aws.server.calls.map(({ service, operation, region, status }) => [service, operation, region, status]),
    ).toEqual([
      ["ce", "GetCostAndUsage", "us-east-1", 200],
      ["ce", "GetCostAndUsage", "us-east-1", 200],
      ["organizations", "ListRoots", "us-east-1", 200],
    ]);
    expect(aws.server.priceUsd()).toBe("0.02");
    aws.server.reset();
    expect([aws.server.calls.length, aws.server.priceUsd()]).toEqual([0, "0.00"]);
  });
});
