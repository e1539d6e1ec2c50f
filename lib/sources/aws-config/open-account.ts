import {
  DescribeConfigRuleEvaluationStatusCommand,
  GetComplianceDetailsByConfigRuleCommand,
  SelectResourceConfigCommand,
  type ConfigRuleEvaluationStatus,
} from "@aws-sdk/client-config-service";
import { AppError } from "#lib/errors.ts";
import type {
  ConfigAnswer,
  DeployedRule,
  KnownResource,
  OpenedAccount,
  RuleAnswers,
} from "#lib/sources/aws-config/api-types.ts";
import { readPacks, type PackReading } from "#lib/sources/aws-config/conformance-packs.ts";
import {
  answersOf,
  INVENTORY_FIELDS,
  listRules,
  PAGE_LIMIT,
  toAnswer,
  toInventory,
  unlessDenied,
  type ConfigRegion,
} from "#lib/sources/aws-config/requests.ts";

/** One account, asked itself, region by region. */
export async function openAccount(regions: readonly ConfigRegion[], accountId: string): Promise<OpenedAccount> {
  const opened = new Map<string, OpenedRegion>();
  const inventory = new Map<string, KnownResource>();
  for (const region of regions) {
    opened.set(region.region, await openOne(region));
    for (const [key, known] of (await unlessDenied(() => readInventory(region, accountId))) ?? [])
      inventory.set(key, known);
  }
  return {
    accountId,
    rules: [...opened.values()].flatMap(({ rules }) => rules),
    inventory,
    ask: async (rule) => {
      const region = opened.get(rule.region);
      if (region === undefined) throw new RangeError(`${rule.region} was not opened`);
      return askRule(region, rule);
    },
  };
}

type OpenedRegion = {
  region: ConfigRegion;
  rules: DeployedRule[];
  packs: PackReading;
  /** Null where it may not be read. */
  statuses: ReadonlyMap<string, ConfigRuleEvaluationStatus> | null;
};

async function openOne(region: ConfigRegion): Promise<OpenedRegion> {
  const definitions = await listRules(region);
  const packs = await readPacks(region);
  const statuses = await unlessDenied(() => readStatuses(region));
  const rules = definitions.map((definition): DeployedRule => {
    const { ConfigRuleName: name } = definition;
    if (name === undefined) throw new AppError("bad_data", "AWS Config listed a rule without its name.");
    return { name, region: region.region, definition, packs: packs.packsOf(name) };
  });
  return { region, rules, packs, statuses };
}

async function readStatuses({ client, list }: ConfigRegion): Promise<Map<string, ConfigRuleEvaluationStatus>> {
  const statuses = await list("config:DescribeConfigRuleEvaluationStatus", async (token, options) => {
    const page = await client.send(new DescribeConfigRuleEvaluationStatusCommand({ Limit: 50, ...token }), options);
    return { items: page.ConfigRulesEvaluationStatus, nextToken: page.NextToken };
  });
  return new Map(statuses.map((status) => [status.ConfigRuleName ?? "", status]));
}

function askRule({ region, packs, statuses }: OpenedRegion, rule: DeployedRule): Promise<RuleAnswers> {
  const status = statuses?.get(rule.name);
  const broken = status === undefined ? null : brokenRule(status);
  if (broken !== null) return Promise.resolve(broken);
  const isEvaluated = statuses === null ? null : status?.LastSuccessfulEvaluationTime !== undefined;
  const read = packs.answersOf(rule.name);
  return answersOf(() => (read === null ? readRule(region, rule) : Promise.resolve(read)), isEvaluated);
}

/** A rule whose newest evaluation failed still answers with its last results; they say nothing of now. */
function brokenRule(status: ConfigRuleEvaluationStatus): RuleAnswers | null {
  const { LastFailedEvaluationTime: failed, LastSuccessfulEvaluationTime: succeeded } = status;
  if (failed === undefined || (succeeded !== undefined && succeeded >= failed)) return null;
  const said = [status.LastErrorCode, status.LastErrorMessage].filter(Boolean).join(": ");
  return {
    kind: "unread",
    reason: `AWS Config could not evaluate the rule at its last attempt${said === "" ? "" : ` (${said})`}.`,
    remedy: "Look at the rule in AWS Config: its function, or the role of the recorder, may lack a permission.",
  };
}

function readRule({ client, list, region }: ConfigRegion, rule: DeployedRule): Promise<ConfigAnswer[]> {
  return list("config:GetComplianceDetailsByConfigRule", async (token, options) => {
    const page = await client.send(
      new GetComplianceDetailsByConfigRuleCommand({ ConfigRuleName: rule.name, Limit: PAGE_LIMIT, ...token }),
      options,
    );
    return { items: page.EvaluationResults?.map((result) => toAnswer(result, region)), nextToken: page.NextToken };
  });
}

async function readInventory(
  { client, list, region }: ConfigRegion,
  accountId: string,
): Promise<Map<string, KnownResource>> {
  const rows = await list("config:SelectResourceConfig", async (token, options) => {
    const page = await client.send(
      new SelectResourceConfigCommand({ Expression: INVENTORY_FIELDS, Limit: PAGE_LIMIT, ...token }),
      options,
    );
    return { items: page.Results, nextToken: page.NextToken };
  });
  return toInventory(rows, accountId, region);
}
