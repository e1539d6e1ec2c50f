import {
  ConfigServiceClient,
  DescribeConfigRulesCommand,
  type ConfigRule,
  type EvaluationResult,
} from "@aws-sdk/client-config-service";
import { AppError } from "#lib/errors.ts";
import type { AwsClients } from "#lib/sources/aws/client.ts";
import { listPages, type AwsPage } from "#lib/sources/aws/list-pages.ts";
import { CONFIG_AGGREGATOR_PERMISSIONS, CONFIG_PERMISSIONS, type AwsPermission } from "#lib/sources/aws/permissions.ts";
import type { ConfigAnswer, KnownResource, RuleAnswers } from "#lib/sources/aws-config/api-types.ts";
import { resourceKey } from "#lib/sources/aws-config/normalize.ts";

/** Results on a page: the most that AWS Config gives. */
export const PAGE_LIMIT = 100;
/** A rule that is being deleted still answers with what it said last. */
const ENDING_STATES = ["DELETING", "DELETING_RESULTS"];

/** AWS Config of one region, asked with the credentials of the clients. */
export type ConfigRegion = {
  region: string;
  client: ConfigServiceClient;
  list<T>(
    action: string,
    ask: (token: { NextToken?: string }, options: { abortSignal: AbortSignal }) => Promise<AwsPage<T>>,
  ): Promise<T[]>;
};

export function openRegion(clients: AwsClients, region: string): ConfigRegion {
  const client = clients.open("config", region, (settings) => new ConfigServiceClient(settings));
  return { region, client, list: (action, ask) => listPages(clients, permissionOf(action), ask) };
}

const PERMISSIONS: readonly AwsPermission[] = [...CONFIG_AGGREGATOR_PERMISSIONS, ...CONFIG_PERMISSIONS];

/** The permission that an action of this source needs. */
export function permissionOf(action: string): AwsPermission {
  const found = PERMISSIONS.find((permission) => permission.action === action);
  if (found === undefined) throw new RangeError(`${action} is not listed`);
  return found;
}

/** The rules of the account that asks, those that are being deleted aside. */
export async function listRules({ client, list }: ConfigRegion): Promise<ConfigRule[]> {
  const rules = await list("config:DescribeConfigRules", async (token, options) => {
    const page = await client.send(new DescribeConfigRulesCommand(token), options);
    return { items: page.ConfigRules, nextToken: page.NextToken };
  });
  return rules.filter(({ ConfigRuleState }) => !ENDING_STATES.includes(ConfigRuleState ?? ""));
}

/** An answer of any of the operations that give results, or null where AWS left out what it is about. */
export function toAnswer(
  result: Pick<EvaluationResult, "EvaluationResultIdentifier" | "ComplianceType" | "Annotation" | "ResultRecordedTime">,
  region: string,
): ConfigAnswer {
  const about = result.EvaluationResultIdentifier?.EvaluationResultQualifier;
  const { ConfigRuleName, ResourceType, ResourceId } = about ?? {};
  if (ConfigRuleName === undefined || ResourceType === undefined || ResourceId === undefined)
    throw new AppError("bad_data", "AWS Config gave a result without its rule or its resource.");
  return {
    ruleName: ConfigRuleName,
    region,
    resourceType: ResourceType,
    resourceId: ResourceId,
    complianceType: result.ComplianceType ?? null,
    annotation: result.Annotation ?? null,
    mode: about?.EvaluationMode ?? null,
    recordedAt: result.ResultRecordedTime ?? null,
  };
}

/** What the list of results says, and what stands for it where it may not be read or its rule is gone. Other failures are the look's. */
export async function answersOf(
  list: () => Promise<readonly ConfigAnswer[]>,
  isEvaluated: boolean | null,
): Promise<RuleAnswers> {
  try {
    const answers = await list();
    return answers.length === 0 ? { kind: "none", isEvaluated } : { kind: "answers", answers };
  } catch (thrown) {
    if (!(thrown instanceof AppError)) throw thrown;
    if (thrown.code === "not_found") return { kind: "gone" };
    if (thrown.code !== "denied") throw thrown;
    return { kind: "unread", reason: thrown.message, remedy: thrown.remedy };
  }
}

/** What the work answers; null where one of its actions is denied without which the source reads on, or its object is gone. */
export async function unlessDenied<T>(work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (thrown) {
    if (thrown instanceof AppError && (thrown.code === "denied" || thrown.code === "not_found")) return null;
    throw thrown;
  }
}

/** The query of the inventory, one row a resource. Rules know a resource by its type and id; people know it by its name. */
export const INVENTORY_FIELDS = "SELECT accountId, awsRegion, resourceType, resourceId, resourceName";

/** Rows of an advanced query are JSON texts. Resources without a name are left out: their id is all there is. */
export function toInventory(rows: readonly string[], accountId: string, region: string): Map<string, KnownResource> {
  const inventory = new Map<string, KnownResource>();
  for (const row of rows) {
    const found: unknown = JSON.parse(row);
    if (typeof found !== "object" || found === null) continue;
    const fields: Record<string, unknown> = { ...found };
    const { resourceType, resourceId, resourceName, awsRegion } = fields;
    if (typeof resourceType !== "string" || typeof resourceId !== "string" || typeof resourceName !== "string")
      continue;
    const place = typeof awsRegion === "string" ? awsRegion : region;
    inventory.set(resourceKey(accountId, place, resourceType, resourceId), { resourceName });
  }
  return inventory;
}
