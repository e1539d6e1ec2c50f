import { AwsFailure } from "#demo/aws/service.ts";
import { isThere } from "#demo/estate/compliance.ts";
import type { PlannedResource } from "#demo/estate/compliance-resources.ts";

const QUERY = /^SELECT (?<fields>[\w.]+(?:, ?[\w.]+)*)(?: WHERE accountId = '(?<account>\d{12})')?$/i;

/** Advanced queries, as far as: which fields, and of which account. Rows are JSON texts. @throws AwsFailure for any other. */
export function runQuery(
  expression: string,
  resources: readonly PlannedResource[],
  at: Date,
): { fields: { Name: string }[]; rows: string[] } {
  const groups = QUERY.exec(expression.trim())?.groups;
  if (!groups) throw new AwsFailure("InvalidExpressionException", "The syntax of the query is not valid.");
  const names = (groups["fields"] ?? "").split(/, ?/);
  const wanted = groups["account"];
  const rows = resources
    .filter((resource) => isThere(resource, at) && (wanted === undefined || resource.accountId === wanted))
    .map((resource) => {
      const fields = fieldsOf(resource);
      const unknown = names.find((name) => !Object.hasOwn(fields, name));
      if (unknown !== undefined)
        throw new AwsFailure("InvalidExpressionException", `The property ${unknown} is not one that can be queried.`);
      return JSON.stringify(Object.fromEntries(names.map((name) => [name, fields[name]])));
    });
  return { fields: names.map((Name) => ({ Name })), rows };
}

function fieldsOf({ accountId, region, type, id, name }: PlannedResource): Record<string, string> {
  const isGlobal = type.startsWith("AWS::IAM::");
  return { accountId, awsRegion: isGlobal ? "global" : region, resourceType: type, resourceId: id, resourceName: name };
}
