import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import { demoEcsRolesOf, demoHeadsRoleOf, demoImageRoleOf, demoRoleOf } from "#demo/aws/server.ts";
import { AGGREGATOR } from "#demo/aws/config/aggregator.ts";
import { AUDIT_SOURCE, auditSourceOf } from "#demo/exports/audit-logs.ts";
import { AWS_EXPORT } from "#demo/exports/aws-export.ts";
import { changeSourcesOf } from "#demo/exports/change-trails.ts";
import { PLAN_SOURCE, planSourceOf } from "#demo/exports/terraform-plans.ts";
import { TRAIL } from "#demo/exports/trail-files.ts";
import { AZURE_EXPORT } from "#demo/exports/azure-export.ts";
import { clusterSourceOf, type ClusterAddresses } from "#demo/exports/cluster-source.ts";
import type { Estate } from "#demo/estate/estate.ts";
import { ORGANISATION } from "#demo/estate/organisation.ts";

/** Name of the environment variable with the secret of the demo's AWS server. */
export const DEMO_SECRET_VARIABLE = "DEMO_AWS_SECRET";

/** The source of AWS Config. A look asks 5,000 times, so that one a day has to do. */
export const CONFIG_SOURCE = { key: "aws-config", schedule: "40 4 * * *" } as const;

/** The bucket with Object Lock that keeps heads of the trail. */
export const HEADS = { bucket: "halvern-trail-heads", prefix: "bursar" } as const;
const HEADS_LOCK = { mode: "COMPLIANCE", days: 3_650 };

const CHANGE_WINDOWS = [
  { days: ["mon", "tue", "wed", "thu", "fri"], from: "06:00", to: "20:00", timeZone: "Europe/Berlin" },
];

/** Writes `<home>/bursar.yaml`: the estate as anybody would configure it. Returns its path. */
export async function writeDemoConfig(
  home: string,
  estate: Estate,
  port: number,
  {
    clusters = null,
    compliance = false,
    trail = false,
    timestamps = null,
  }: { clusters?: ClusterAddresses | null; compliance?: boolean; trail?: boolean; timestamps?: string | null } = {},
): Promise<string> {
  const expectedFrom = estate.calendar.periods[0];
  const connection = {
    region: AWS_EXPORT.region,
    endpoint: `http://127.0.0.1:${port}`,
    accessKeyId: "demo",
    secretAccessKey: `\${${DEMO_SECRET_VARIABLE}}`,
  };
  const { arn, externalId } = demoRoleOf(estate);
  const role = { roleArn: arn, externalId, ...connection };
  const config = {
    organisation: ORGANISATION.name,
    reportingCurrency: "EUR",
    environmentTags: ["environment", "env", "stage"],
    tags: ["team", "owner-team", "application", "environment", "cost-center"],
    settleDays: 2,
    audit: {
      changeWindows: CHANGE_WINDOWS,
      ...(trail ? { heads: headsOf(estate, connection, timestamps !== null) } : {}),
    },
    policies: { platformTeams: ["cloud-platform"] },
    ...(timestamps === null ? {} : { timestamps: { url: timestamps } }),
    sources: {
      // Who the teams are is read first, so that cost is given to them the first time.
      directory: { kind: "directory-file", title: "Teams and people", path: "./estate/directory" },
      rates: { kind: "exchange-rates-file", title: "Reference rates", path: "./estate/eurofxref-hist.csv" },
      // So are the machines of ECS, which no tag tells to be a cluster's.
      ...ecsSourcesOf(estate, connection),
      // So is whose the accounts are.
      "aws-organisation": { kind: "aws-organizations", title: "AWS organisation", ...role },
      "aws-billing": {
        kind: "focus",
        title: "AWS Data Export",
        layout: "aws-data-exports",
        bucket: AWS_EXPORT.bucket,
        prefix: `${AWS_EXPORT.prefix}/${AWS_EXPORT.name}`,
        ...connection,
        expectedFrom,
      },
      // The same accounts by the billing API: not counted again, but compared.
      "aws-cost-explorer": {
        kind: "aws-cost-explorer",
        title: "AWS Cost Explorer",
        ...role,
        monthlyCapUsd: "25.00",
        months: estate.calendar.periods.length,
        expectedFrom,
      },
      ...(clusters === null
        ? {}
        : {
            clusters: clusterSourceOf(estate, clusters, { ec2: imagesOf(estate, connection) }),
            [AUDIT_SOURCE]: auditSourceOf(estate, "./estate/audit"),
          }),
      ...(compliance ? complianceSourcesOf(role) : {}),
      ...(trail
        ? {
            [TRAIL.source]: {
              kind: "aws-cloudtrail",
              title: "CloudTrail of the organisation",
              ...role,
              bucket: TRAIL.bucket,
              organizationId: estate.awsOrganization.id,
            },
            ...changeSourcesOf("./estate/changes", estate),
          }
        : {}),
      azure: {
        kind: "focus",
        title: "Azure cost export",
        layout: "azure-exports",
        bucket: AZURE_EXPORT.bucket,
        prefix: `${AZURE_EXPORT.prefix}/${AZURE_EXPORT.name}`,
        ...connection,
        expectedFrom,
      },
      gcp: { kind: "focus", title: "Google Cloud billing", layout: "files", path: "./estate/gcp", expectedFrom },
    },
  };
  const path = join(home, "bursar.yaml");
  const draft = `${path}.draft`;
  await writeFile(
    draft,
    `# Written by the demo at each start: the demo's estate, read through the same sources as anybody's.\n${stringify(config)}`,
  );
  await rename(draft, path);
  return path;
}

function complianceSourcesOf(role: object): Record<string, object> {
  return {
    [CONFIG_SOURCE.key]: configSourceOf(role),
    [PLAN_SOURCE]: planSourceOf("./estate/terraform"),
  };
}

/** @param role how the demo's AWS is reached. */
export function configSourceOf(role: object): object {
  return {
    ...role,
    kind: "aws-config",
    title: "AWS Config",
    region: AGGREGATOR.region,
    aggregator: AGGREGATOR.name,
    schedule: CONFIG_SOURCE.schedule,
  };
}

function imagesOf(estate: Estate, connection: object): object {
  const { arn, externalId } = demoImageRoleOf(estate);
  return { roleArn: arn, externalId, ...connection };
}

/** One source for each account that has clusters of ECS. */
function headsOf(estate: Estate, connection: object, isStamped: boolean): object {
  const { arn, externalId } = demoHeadsRoleOf(estate);
  return { timestamps: isStamped, s3: { ...HEADS, roleArn: arn, externalId, ...connection, lock: HEADS_LOCK } };
}

function ecsSourcesOf(estate: Estate, connection: object): Record<string, object> {
  return Object.fromEntries(
    demoEcsRolesOf(estate).map(({ arn, externalId }, index) => {
      const account = arn.split(":")[4];
      const regions = estate.ecsClusters.filter((one) => one.account.id === account).map(({ region }) => region);
      const name = index === 0 ? "ecs" : `ecs-${account}`;
      const title = "ECS clusters";
      return [
        name,
        { kind: "aws-ecs", title, roleArn: arn, externalId, ...connection, regions: [...new Set(regions)] },
      ];
    }),
  );
}
