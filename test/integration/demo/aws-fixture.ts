import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CostExplorerClient, type GetCostAndUsageCommandInput } from "@aws-sdk/client-cost-explorer";
import { OrganizationsClient } from "@aws-sdk/client-organizations";
import { STSClient } from "@aws-sdk/client-sts";
import { day } from "#lib/domain/period.ts";
import { createEstate, type Estate } from "#demo/estate/estate.ts";
import { DEMO_CREDENTIALS } from "#demo/aws/s3.ts";
import { type AwsOptions, type AwsServer, startAws } from "#demo/aws/server.ts";

export type AwsKeys = { accessKeyId: string; secretAccessKey: string; sessionToken?: string };

/** A small estate, a server over it, and real SDK clients that do not try again by themselves. */
export type AwsFixture = {
  estate: Estate;
  server: AwsServer;
  costExplorer(credentials?: AwsKeys, region?: string): CostExplorerClient;
  organizations(credentials?: AwsKeys): OrganizationsClient;
  sts(credentials?: AwsKeys): STSClient;
  close(): Promise<void>;
};

export const TODAY = day("2026-11-20");
/** A month of days by service. */
export const BY_SERVICE: GetCostAndUsageCommandInput = {
  TimePeriod: { Start: "2026-10-01", End: "2026-11-01" },
  Granularity: "DAILY",
  Metrics: ["UnblendedCost", "AmortizedCost"],
  GroupBy: [{ Type: "DIMENSION", Key: "SERVICE" }],
};

export async function openAws(options: Partial<AwsOptions> = {}): Promise<AwsFixture> {
  const estate = createEstate({ seed: "aws", today: TODAY, months: 4, scale: 0.05 });
  const root = await mkdtemp(join(tmpdir(), "bursar-aws-"));
  const server = await startAws({ root, estate, ...options });
  const clients: { destroy(): void }[] = [];
  const configured = (credentials: AwsKeys = DEMO_CREDENTIALS, region = "us-east-1") => ({
    endpoint: server.url,
    region,
    credentials,
    maxAttempts: 1,
  });
  const keep = <T extends { destroy(): void }>(client: T): T => {
    clients.push(client);
    return client;
  };
  return {
    estate,
    server,
    costExplorer: (credentials, region) => keep(new CostExplorerClient(configured(credentials, region))),
    organizations: (credentials) => keep(new OrganizationsClient(configured(credentials))),
    sts: (credentials) => keep(new STSClient(configured(credentials, "eu-central-1"))),
    close: async () => {
      for (const client of clients) client.destroy();
      await server.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** Name, sentence and status of an error of the SDK. */
export async function failureOf(
  promise: Promise<unknown>,
): Promise<{ name: string; message: string; status: number | undefined }> {
  const error = await promise.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof Error)) throw new Error("It did not fail.", { cause: error });
  const { $metadata } = error as { $metadata?: { httpStatusCode?: number } };
  return { name: error.name, message: error.message, status: $metadata?.httpStatusCode };
}
