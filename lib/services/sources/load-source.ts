import { loadConfig } from "#lib/config.ts";
import type { Database } from "#lib/db/client.ts";
import type { Amount } from "#lib/domain/money.ts";
import { AppError } from "#lib/errors.ts";
import { createRequestGate } from "#lib/services/api/request-gate.ts";
import { EVALUATION_SCHEDULES, lastDue } from "#lib/services/evaluations/look-reach.ts";
import { judgePlans } from "#lib/services/policies/judge-plans.ts";
import type { CostReading } from "#lib/sources/cost-reading.ts";
import { checkDirectory, planDirectory, readDirectory, type Directory } from "#lib/sources/directory-file/index.ts";
import {
  checkExchangeRates,
  planExchangeRates,
  readExchangeRates,
  type ExchangeRate,
} from "#lib/sources/exchange-rates-file/index.ts";
import {
  checkFocus,
  focusSpec,
  planFocus,
  readFocusSlice,
  type FocusSpec,
  type ReadSliceOptions,
} from "#lib/sources/focus/index.ts";
import {
  checkCostExplorer,
  monthlyCapOf,
  planCostExplorer,
  readCostExplorerSlice,
} from "#lib/sources/aws-cost-explorer/index.ts";
import { checkEcs, planEcs, readEcsCluster, type EcsSpec } from "#lib/sources/aws-ecs/index.ts";
import {
  checkConfig,
  planConfigEvaluations,
  readConfigEvaluations,
  type AwsConfigSpec,
} from "#lib/sources/aws-config/index.ts";
import {
  checkCloudTrail,
  planCloudTrail,
  readCloudTrail,
  type CloudTrailSpec,
} from "#lib/sources/aws-cloudtrail/index.ts";
import { checkOrganization, planOrganization, readOrganization } from "#lib/sources/aws-organizations/index.ts";
import type { ClusterInventory } from "#lib/sources/cluster-inventory.ts";
import { checkBaseline, planBaseline, readBaseline, type BaselineSpec } from "#lib/sources/baseline/index.ts";
import { checkFindings, planFindings, readFindings, type FindingsSpec } from "#lib/sources/findings/index.ts";
import type { EvaluationReading } from "#lib/sources/evaluation-reading.ts";
import { checkEventFiles, planEventFiles, readEventFileSource } from "#lib/sources/event-files/event-file-source.ts";
import { normalizerOf, type EventFileSpec } from "#lib/sources/event-files/normalizer-of.ts";
import type { EventReading, ReadEventsOptions } from "#lib/sources/event-reading.ts";
import type { OrganizationReading } from "#lib/sources/inventory.ts";
import { checkAudit, planAudit, readAudit, type KubernetesAuditSpec } from "#lib/sources/kubernetes-audit/index.ts";
import { checkKubernetes, planKubernetes, readClusters, type KubernetesSpec } from "#lib/sources/kubernetes/index.ts";
import type { RequestGate } from "#lib/sources/aws/request-gate.ts";
import {
  checkTerraformPlans,
  planTerraformPlans,
  readTerraformPlans,
  type TerraformPlanSpec,
} from "#lib/sources/terraform-plan/index.ts";
import type { SourceSpec } from "#lib/sources/source-spec.ts";
import type { CheckResult, Dataset, OfferedSlice, ReadOptions } from "#lib/sources/source.ts";

/** What a kind of source yields. Imported files are FOCUS files that no configuration names. */
export const DATASET_OF_KIND: Record<SourceSpec["kind"], Dataset> = {
  focus: "cost",
  "aws-cost-explorer": "cost",
  "aws-organizations": "inventory",
  "aws-ecs": "inventory",
  "aws-config": "evaluations",
  findings: "evaluations",
  baseline: "evaluations",
  "terraform-plan": "evaluations",
  kubernetes: "inventory",
  "aws-cloudtrail": "events",
  "kubernetes-audit": "events",
  "azure-activity": "events",
  "rancher-audit": "events",
  argocd: "events",
  terraform: "events",
  servicenow: "events",
  "directory-file": "directory",
  "exchange-rates-file": "rates",
};

export type PlanOptions = {
  signal?: AbortSignal;
  /** When the plan was due. */
  logicalTime: Date;
  /** True where somebody asks for a period: what is final by itself is then offered anew all the same. */
  reread?: boolean;
  /** The one period that is wanted: what has to ask a vendor for its list of periods may then answer with it alone. */
  only?: string | null;
};

/** A source ready to be asked, whatever its kind. Asking for a dataset that it does not yield throws. */
export type LoadedSource = {
  key: string;
  kind: SourceSpec["kind"];
  dataset: Dataset;
  check(): Promise<CheckResult[]>;
  plan(options: PlanOptions): Promise<OfferedSlice[]>;
  readCost(slice: OfferedSlice, options: ReadSliceOptions): Promise<CostReading>;
  readDirectory(slice: OfferedSlice): Promise<Directory>;
  readRates(slice: OfferedSlice): Promise<ExchangeRate[]>;
  readOrganization(slice: OfferedSlice, options: ReadOptions): Promise<OrganizationReading>;
  /** One cluster: the one that the slice's period names. */
  readCluster(slice: OfferedSlice, options: ReadOptions): Promise<ClusterInventory>;
  /** One part of a source: the one that the slice's period names. `now` is the instant of the look. */
  readEvaluations(slice: OfferedSlice, options: ReadOptions & { now: Date }): Promise<EvaluationReading>;
  /** What a slice of a trail has beyond the cursor. */
  readEvents(slice: OfferedSlice, options: ReadEventsOptions): EventReading;
  /** When it is looked at, as a cron expression in UTC; null = as its kind is. */
  schedule: string | null;
  /** Tags of accounts that name an owner, for a source of inventory. */
  ownerTags: string[];
  /** The settings of a source of FOCUS files, for reading line items; null for other kinds. */
  focus: FocusSpec | null;
  /** Whether each of its slices is one cluster, by its key. */
  hasClusters: boolean;
};

/** The source of the configuration, or of an import, by its name. @throws AppError "not_found". */
export async function loadSource(database: Database, key: string, runId: string | null = null): Promise<LoadedSource> {
  const configured = loadConfig().sources[key];
  if (configured) return open(database, key, configured, runId);
  const { rows } = await database.pool.query<{ settings: unknown; kind: string }>(
    "SELECT settings, kind FROM source WHERE key = $1",
    [key],
  );
  const found = rows[0];
  if (found?.kind === "import")
    return open(database, key, focusSpec.parse({ kind: "focus", ...Object(found.settings) }), runId);
  const known = Object.keys(loadConfig().sources);
  throw new AppError("not_found", `There is no source "${key}".`, {
    remedy: known.length > 0 ? `bursar.yaml has ${known.join(", ")}.` : "Add it to bursar.yaml, or import a file.",
  });
}

function open(database: Database, key: string, spec: SourceSpec, runId: string | null): LoadedSource {
  const never = new AbortController().signal;
  const refuse = (dataset: Dataset) => async () => {
    throw new AppError("invalid_input", `The source ${key} yields ${DATASET_OF_KIND[spec.kind]}, not ${dataset}.`);
  };
  const gateOf = (monthlyCapUsd: Amount | null) =>
    createRequestGate(database, { sourceKey: key, runId, monthlyCapUsd, now: () => new Date() });
  const base = {
    key,
    kind: spec.kind,
    dataset: DATASET_OF_KIND[spec.kind],
    readCost: refuse("cost"),
    readDirectory: refuse("directory"),
    readRates: refuse("rates"),
    readOrganization: refuse("inventory"),
    readCluster: refuse("inventory"),
    readEvaluations: refuse("evaluations"),
    readEvents: () => {
      throw new AppError("invalid_input", `The source ${key} yields ${DATASET_OF_KIND[spec.kind]}, not events.`);
    },
    schedule: spec.schedule ?? null,
    ownerTags: [],
    focus: null,
    hasClusters: false,
  };
  switch (spec.kind) {
    case "focus":
      return {
        ...base,
        check: () => checkFocus(spec),
        plan: ({ signal = never }) => planFocus(spec, { signal }),
        readCost: (slice, options) => readFocusSlice(spec, slice, options),
        focus: spec,
      };
    case "aws-cost-explorer": {
      const gate = gateOf(monthlyCapOf(spec));
      return {
        ...base,
        check: () => checkCostExplorer(spec, { gate, now: new Date(), signal: never }),
        plan: async ({ signal = never, logicalTime, reread = false }) =>
          planCostExplorer(spec, {
            signal,
            logicalTime,
            published: reread ? new Map() : await readPublished(database, key),
          }),
        readCost: (slice, options) => readCostExplorerSlice(spec, slice, { ...options, gate }),
      };
    }
    case "aws-organizations": {
      const gate = gateOf(null);
      return {
        ...base,
        check: () => checkOrganization(spec, { gate, signal: never }),
        plan: ({ logicalTime }) => planOrganization({ logicalTime }),
        readOrganization: (_slice, options) => readOrganization(spec, gate, options),
        ownerTags: spec.ownerTags,
      };
    }
    case "aws-ecs":
      return { ...base, ...openEcs(spec, gateOf(null)) };
    case "aws-config":
      return { ...base, ...openConfig(spec, gateOf(null)) };
    case "findings":
      return { ...base, ...openFindings(spec, gateOf(null)) };
    case "baseline":
      return { ...base, ...openBaseline(spec) };
    case "terraform-plan":
      return { ...base, ...openTerraformPlans(database, key, spec) };
    case "kubernetes":
      return { ...base, ...openKubernetes(spec, gateOf(null)) };
    case "aws-cloudtrail":
      return { ...base, ...openCloudTrail(key, spec, gateOf(null)) };
    case "kubernetes-audit":
      return { ...base, ...openAudit(key, spec, gateOf(null)) };
    case "azure-activity":
    case "rancher-audit":
    case "argocd":
    case "terraform":
    case "servicenow":
      return { ...base, ...openEventFiles(key, spec) };
    case "directory-file":
      return {
        ...base,
        check: () => checkDirectory(spec),
        plan: () => planDirectory(spec),
        readDirectory: (slice) => readDirectory(slice),
      };
    case "exchange-rates-file":
      return {
        ...base,
        check: () => checkExchangeRates(spec),
        plan: () => planExchangeRates(spec),
        readRates: (slice) => readExchangeRates(slice),
      };
  }
}

function openConfig(spec: AwsConfigSpec, gate: RequestGate) {
  const never = new AbortController().signal;
  return {
    check: () => checkConfig(spec, { gate, signal: never }),
    plan: ({ signal = never, logicalTime, only = null }: PlanOptions) =>
      planConfigEvaluations(spec, {
        gate,
        signal,
        only,
        due: lastDue(spec.schedule ?? EVALUATION_SCHEDULES["aws-config"], logicalTime),
      }),
    readEvaluations: ({ period }: OfferedSlice, options: Parameters<LoadedSource["readEvaluations"]>[1]) =>
      readConfigEvaluations(spec, period, { ...options, gate }),
  };
}

function openKubernetes(spec: KubernetesSpec, gate: RequestGate) {
  return {
    check: () => checkKubernetes(spec, { gate, signal: new AbortController().signal }),
    plan: async ({ logicalTime }: PlanOptions) => {
      const offered = await planKubernetes({ logicalTime });
      // Each cluster by itself: one that is down holds up none of the others.
      return spec.clusters.flatMap(({ key: cluster }) => offered.map((slice) => ({ ...slice, period: cluster })));
    },
    readCluster: ({ period }: OfferedSlice, options: ReadOptions) => readOneCluster(spec, period, gate, options),
    hasClusters: true,
  };
}

function openEcs(spec: EcsSpec, gate: RequestGate) {
  const never = new AbortController().signal;
  return {
    check: () => checkEcs(spec, { gate, signal: never }),
    plan: ({ signal = never, logicalTime }: PlanOptions) => planEcs(spec, { logicalTime, gate, signal }),
    readCluster: ({ period }: OfferedSlice, options: ReadOptions) => readEcsCluster(spec, period, gate, options),
    ownerTags: spec.ownerTags,
    hasClusters: true,
  };
}

function openAudit(key: string, spec: KubernetesAuditSpec, gate: RequestGate) {
  return {
    check: () => checkAudit(spec, { gate, now: new Date(), signal: new AbortController().signal }),
    plan: ({ logicalTime }: PlanOptions) => planAudit(spec, logicalTime),
    readEvents: (slice: OfferedSlice, options: ReadEventsOptions) => readAudit(key, spec, slice, { ...options, gate }),
  };
}

function openCloudTrail(key: string, spec: CloudTrailSpec, gate: RequestGate) {
  const never = new AbortController().signal;
  return {
    check: () => checkCloudTrail(spec, { gate, now: new Date(), signal: never }),
    plan: ({ signal = never, logicalTime }: PlanOptions) => planCloudTrail(spec, { gate, signal, logicalTime }),
    readEvents: ({ period }: OfferedSlice, options: ReadEventsOptions) =>
      readCloudTrail(key, spec, period, { ...options, gate }),
  };
}

function openEventFiles(key: string, spec: EventFileSpec) {
  return {
    check: () => checkEventFiles(spec.path),
    plan: () => planEventFiles(spec.path),
    readEvents: (_slice: OfferedSlice, options: ReadEventsOptions) =>
      readEventFileSource(key, spec.path, normalizerOf(spec), options),
  };
}

function openFindings(spec: FindingsSpec, gate: RequestGate): Pick<LoadedSource, "check" | "plan" | "readEvaluations"> {
  const never = new AbortController().signal;
  return {
    check: () => checkFindings(spec, { gate, signal: never, now: new Date() }),
    // Results grow old although their files stay as they are, so that they are looked at again.
    plan: async ({ signal = never, logicalTime }) =>
      dueAgain(await planFindings(spec, { gate, signal }), spec.schedule ?? EVALUATION_SCHEDULES.findings, logicalTime),
    readEvaluations: (slice, { now, signal }) => readFindings(spec, slice, { gate, signal, now }),
  };
}

function openBaseline(spec: BaselineSpec): Pick<LoadedSource, "check" | "plan" | "readEvaluations"> {
  return {
    check: () => checkBaseline(spec, new Date()),
    plan: async ({ logicalTime }) =>
      dueAgain(await planBaseline(spec), spec.schedule ?? EVALUATION_SCHEDULES.baseline, logicalTime),
    readEvaluations: (slice, { now }) => readBaseline(spec, slice, now),
  };
}

function openTerraformPlans(
  { pool }: Database,
  sourceKey: string,
  spec: TerraformPlanSpec,
): Pick<LoadedSource, "check" | "plan" | "readEvaluations"> {
  return {
    check: () => checkTerraformPlans(spec, new Date()),
    plan: async ({ logicalTime }) =>
      dueAgain(await planTerraformPlans(spec), spec.schedule ?? EVALUATION_SCHEDULES["terraform-plan"], logicalTime),
    readEvaluations: async (slice, { now }) =>
      judgePlans(pool, {
        sourceKey,
        part: slice.period,
        resources: await readTerraformPlans(spec, slice, now),
        now,
      }),
  };
}

function dueAgain(slices: OfferedSlice[], schedule: string, at: Date): OfferedSlice[] {
  const due = lastDue(schedule, at).toISOString();
  return slices.map((slice) => ({ ...slice, fingerprint: `${slice.fingerprint} due ${due}` }));
}

async function readPublished(database: Database, key: string): Promise<Map<string, { fingerprint: string }>> {
  const { rows } = await database.pool.query<{ period: string; published: string }>(
    "SELECT period, published FROM slice WHERE source_key = $1 AND published IS NOT NULL",
    [key],
  );
  return new Map(rows.map(({ period, published }) => [period, { fingerprint: published }]));
}

/** The others are named as well, for one of them may be where the Rancher runs that manages it; they are not read. */
async function readOneCluster(
  spec: KubernetesSpec,
  cluster: string,
  gate: RequestGate,
  options: ReadOptions,
): Promise<ClusterInventory> {
  const clusters = spec.clusters.toSorted((a, b) => Number(b.key === cluster) - Number(a.key === cluster));
  for await (const { key, inventory, error } of readClusters({ ...spec, clusters }, gate, options)) {
    if (key !== cluster) break;
    if (error !== null) throw error;
    return inventory;
  }
  throw new AppError("not_found", `The source has no cluster "${cluster}".`);
}
