import { CostExplorerClient } from "@aws-sdk/client-cost-explorer";
import { OrganizationsClient } from "@aws-sdk/client-organizations";
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { fromNodeProviderChain } from "@aws-sdk/credential-providers";
import type { Amount } from "#lib/domain/money.ts";
import { AppError } from "#lib/errors.ts";
import { classifyAssumeRoleError, classifyAwsError, isThrottled } from "#lib/sources/aws/classify-error.ts";
import { accountOfRole, homeRegion, type AwsConnection } from "#lib/sources/aws/connection.ts";
import type { AwsPermission } from "#lib/sources/aws/permissions.ts";
import type { CallOutcome, RequestGate } from "#lib/sources/aws/request-gate.ts";

/** Tries of one request, the first included. At 30 % throttled answers one request in 170,000 fails all of them. */
const MAX_ATTEMPTS = 10;
const CONNECT_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 60_000;
const SESSION_NAME = "bursar";

/** What one answer costs, by API. https://aws.amazon.com/aws-cost-management/aws-cost-explorer/pricing/ */
export const PRICE_USD = {
  ce: "0.01",
  organizations: "0",
  sts: "0",
  eks: "0",
  ecs: "0",
  ec2: "0",
  aps: "0",
  config: "0",
  cloudtrail: "0",
  // Requests for objects have a price, which is too small for a budget of single requests.
  s3: "0",
  // Reading logs costs nothing; keeping them does.
  logs: "0",
  // A signature costs a thousandth of a cent and less, and there are a few hundred a day.
  kms: "0",
} as const;
type AwsApi = keyof typeof PRICE_USD;

export type AwsCredentials = { accessKeyId: string; secretAccessKey: string; sessionToken?: string | undefined };
/** What every client of the SDK is made with here. */
export type ClientSettings = {
  region: string;
  credentials: () => Promise<AwsCredentials>;
  maxAttempts: number;
  requestHandler: { connectionTimeout: number; requestTimeout: number };
  endpoint?: string;
  profile?: string;
};
/** As much of a client of the SDK as it takes to stand before its requests. */
type GateableClient = {
  middlewareStack: { addRelativeTo(middleware: Gate, options: typeof INSIDE_RETRIES): void };
  destroy(): void;
};
type Gate = ReturnType<typeof gateMiddleware>;

/** The clients of one source. Every attempt of every request passes the gate. */
export type AwsClients = {
  costExplorer: CostExplorerClient;
  organizations: OrganizationsClient;
  /** The account whose role, or whose credentials, the requests are made with. */
  callerAccount(): Promise<string>;
  /** Sends with the signal, and classifies what goes wrong. */
  attempt<T>(permission: AwsPermission, work: (options: { abortSignal: AbortSignal }) => Promise<T>): Promise<T>;
  /** Finds credentials and assumes the role without asking anything. */
  assumeRole(): Promise<void>;
  /** Those of the role, or those that were found; renewed shortly before they expire. */
  credentials(): Promise<AwsCredentials>;
  /** A further client of the SDK for one API in one region, behind the same gate and closed with the others. */
  open<Client extends GateableClient>(
    api: AwsApi,
    region: string,
    create: (settings: ClientSettings) => Client,
  ): Client;
  /** One attempt of a request that no client of the SDK makes: counted and limited as every other one. */
  pass<T>(
    call: { api: AwsApi; region: string; operation: string },
    send: () => Promise<T>,
    outcomeOf: (answer: T) => CallOutcome,
  ): Promise<T>;
  close(): void;
};

/** Clients for the connection of a source. Without keys in the settings the SDK's own chain finds credentials and region. */
export async function openAwsClients(spec: AwsConnection, gate: RequestGate, signal: AbortSignal): Promise<AwsClients> {
  const base = {
    maxAttempts: MAX_ATTEMPTS,
    requestHandler: { connectionTimeout: CONNECT_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS },
    ...(spec.endpoint === undefined ? {} : { endpoint: spec.endpoint }),
    ...(spec.profile === undefined ? {} : { profile: spec.profile }),
  };
  const ownCredentials = credentialsOf(spec);
  const found = spec.region ?? (await foundRegion(spec));
  const home = homeRegion(spec, found);
  const stsRegion = found ?? home;
  let account = accountOfRole(spec) ?? "unknown";
  const gated = (api: AwsApi, region: string) =>
    gateMiddleware(gate, { api, region, priceUsd: PRICE_USD[api], account: () => account }, signal);

  const baseSts = new STSClient({ ...base, region: stsRegion, credentials: ownCredentials });
  baseSts.middlewareStack.addRelativeTo(gated("sts", stsRegion), INSIDE_RETRIES);
  const credentials = spec.roleArn === undefined ? ownCredentials : assumedRole(baseSts, spec, spec.roleArn, signal);
  const costExplorer = new CostExplorerClient({ ...base, region: home, credentials });
  costExplorer.middlewareStack.addRelativeTo(gated("ce", home), INSIDE_RETRIES);
  const organizations = new OrganizationsClient({ ...base, region: home, credentials });
  organizations.middlewareStack.addRelativeTo(gated("organizations", home), INSIDE_RETRIES);
  const opened: { destroy(): void }[] = [costExplorer, organizations, baseSts];
  const findCredentials = () => attempt(CALLER_IDENTITY, () => costExplorer.config.credentials());

  async function attempt<T>(
    permission: AwsPermission,
    work: (options: { abortSignal: AbortSignal }) => Promise<T>,
  ): Promise<T> {
    signal.throwIfAborted();
    try {
      return await work({ abortSignal: signal });
    } catch (thrown) {
      signal.throwIfAborted();
      throw classifyAwsError(thrown, permission);
    }
  }

  async function callerAccount(): Promise<string> {
    if (account !== "unknown") return account;
    const answer = await attempt(CALLER_IDENTITY, (options) => baseSts.send(new GetCallerIdentityCommand({}), options));
    if (answer.Account === undefined) throw new AppError("bad_data", "AWS did not say whose the credentials are.");
    account = answer.Account;
    return account;
  }

  return {
    costExplorer,
    organizations,
    attempt,
    callerAccount,
    assumeRole: async () => {
      await findCredentials();
    },
    credentials: findCredentials,
    open: (api, region, create) => {
      const client = create({ ...base, region, credentials: findCredentials });
      client.middlewareStack.addRelativeTo(gated(api, region), INSIDE_RETRIES);
      opened.push(client);
      return client;
    },
    pass: async ({ api, region, operation }, send, outcomeOf) => {
      const call = { api, operation, account, region, priceUsd: PRICE_USD[api] };
      await gate.enter(call, signal);
      try {
        const answer = await send();
        await gate.leave(call, outcomeOf(answer));
        return answer;
      } catch (thrown) {
        // A connection that breaks says nothing about whether the request was answered.
        await gate.leave(call, "answered");
        throw thrown;
      }
    },
    close: () => {
      for (const client of opened) client.destroy();
    },
  };
}

/** Needs no permission, so a denial is never expected. */
const CALLER_IDENTITY: AwsPermission = {
  action: "sts:GetCallerIdentity",
  why: "whose the credentials are",
  resource: "*",
  isOptional: false,
};

/** Inside the loop of retries, so that each attempt counts, and outside of the signing, so that waiting does not age a signature. */
const INSIDE_RETRIES = { relation: "after", toMiddleware: "retryMiddleware", name: "requestGate" } as const;

type GatedApi = { api: string; region: string; priceUsd: Amount; account(): string };

function gateMiddleware(gate: RequestGate, { api, region, priceUsd, account }: GatedApi, signal: AbortSignal) {
  return <Args, Result>(next: (args: Args) => Promise<Result>, context: { commandName?: string }) =>
    async (args: Args): Promise<Result> => {
      const operation = (context.commandName ?? "").replace(/Command$/, "");
      const call = { api, operation, account: account(), region, priceUsd };
      await gate.enter(call, signal);
      let result: Result;
      try {
        result = await next(args);
      } catch (thrown) {
        // A connection that breaks says nothing about whether the request was answered, and charged, at the other end.
        const outcome = isThrottled(thrown) ? "throttled" : isRefusal(thrown) ? "failed" : "answered";
        await gate.leave(call, outcome);
        throw thrown;
      }
      await gate.leave(call, "answered");
      return result;
    };
}

/** True where the other end has answered, with an error. */
function isRefusal(thrown: unknown): boolean {
  return thrown instanceof Error && "$response" in thrown && thrown.$response !== undefined;
}

function credentialsOf(spec: AwsConnection) {
  if (spec.accessKeyId === undefined || spec.secretAccessKey === undefined)
    return fromNodeProviderChain(spec.profile === undefined ? {} : { profile: spec.profile });
  const { accessKeyId, secretAccessKey, sessionToken } = spec;
  return { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) };
}

/** Credentials of the role; the SDK keeps them until shortly before they expire and then asks again. */
function assumedRole(sts: STSClient, spec: AwsConnection, roleArn: string, signal: AbortSignal) {
  return async () => {
    const command = new AssumeRoleCommand({
      RoleArn: roleArn,
      RoleSessionName: SESSION_NAME,
      ...(spec.externalId === undefined ? {} : { ExternalId: spec.externalId }),
    });
    const answer = await sts.send(command, { abortSignal: signal }).catch((thrown: unknown) => {
      signal.throwIfAborted();
      throw classifyAssumeRoleError(thrown, roleArn);
    });
    const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = answer.Credentials ?? {};
    if (AccessKeyId === undefined || SecretAccessKey === undefined)
      throw new AppError("bad_data", `AWS gave no credentials for the role ${roleArn}.`);
    return {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      ...(SessionToken === undefined ? {} : { sessionToken: SessionToken }),
      ...(Expiration === undefined ? {} : { expiration: Expiration }),
    };
  };
}

/** The region that the SDK finds in environment and profile; null where it finds none, which is no error for global APIs. */
async function foundRegion(spec: AwsConnection): Promise<string | null> {
  const probe = new STSClient(spec.profile === undefined ? {} : { profile: spec.profile });
  try {
    return await probe.config.region();
  } catch {
    return null;
  } finally {
    probe.destroy();
  }
}
