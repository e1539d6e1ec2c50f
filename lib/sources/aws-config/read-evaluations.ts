import { AppError } from "#lib/errors.ts";
import { openAwsClients, type AwsClients } from "#lib/sources/aws/client.ts";
import type { RequestGate } from "#lib/sources/aws/request-gate.ts";
import { runBounded } from "#lib/sources/aws/run-bounded.ts";
import type { ConfigAnswer, DeployedRule, OpenedAccount, RuleAnswers } from "#lib/sources/aws-config/api-types.ts";
import { emptyItem, toItems } from "#lib/sources/aws-config/normalize.ts";
import { openAccount } from "#lib/sources/aws-config/open-account.ts";
import { openAggregated } from "#lib/sources/aws-config/open-aggregated.ts";
import { openRegion } from "#lib/sources/aws-config/requests.ts";
import { describeRule, ruleKeyOf } from "#lib/sources/aws-config/rule.ts";
import type { AwsConfigSpec } from "#lib/sources/aws-config/spec.ts";
import type { EvaluationItem, EvaluationReading, UnreadRule } from "#lib/sources/evaluation-reading.ts";
import type { ReadOptions } from "#lib/sources/source.ts";

/** Rules that are asked for at once; the gate holds them to the rate of the API as well. */
const CONCURRENCY = 4;
/** Items that are handed on at once. */
const BATCH = 1_000;

/**
 * What AWS Config says of one account now.
 *
 * @param accountId the part: 12 digits.
 * @throws AppError "denied" where the role cannot be assumed or the rules cannot be listed, "switched_off" where AWS Config evaluates nothing in
 *   the account: neither is a verdict on anything in it.
 */
export async function readConfigEvaluations(
  spec: AwsConfigSpec,
  accountId: string,
  options: ReadOptions & { gate: RequestGate; now: Date },
): Promise<EvaluationReading> {
  const { gate, signal, onProgress } = options;
  onProgress({ step: "Reading the rules", done: 0, total: 1, unit: "lists" });
  const clients = await openAwsClients(connectionOf(spec, accountId), gate, signal);
  try {
    const account = await open(spec, clients, accountId);
    if (account.rules.length === 0) throw evaluatesNothing(accountId);
    return readOpened(account, spec, options, () => clients.close());
  } catch (thrown) {
    clients.close();
    throw thrown;
  }
}

/** The connection for one account: its own role, or the one that may ask the aggregator. */
export function connectionOf(spec: AwsConfigSpec, accountId: string): AwsConfigSpec {
  if (spec.accountRole === undefined) return spec;
  const partition = (spec.regions[0] ?? "").startsWith("cn-")
    ? "aws-cn"
    : (spec.regions[0] ?? "").startsWith("us-gov-")
      ? "aws-us-gov"
      : "aws";
  return { ...spec, roleArn: `arn:${partition}:iam::${accountId}:role/${spec.accountRole}` };
}

async function open(spec: AwsConfigSpec, clients: AwsClients, accountId: string): Promise<OpenedAccount> {
  if (spec.aggregator !== undefined)
    return openAggregated(openRegion(clients, spec.region ?? ""), spec.aggregator, accountId);
  return openAccount(
    spec.regions.map((region) => openRegion(clients, region)),
    accountId,
  );
}

/** Why nothing is known of an account without AWS Config. */
export function evaluatesNothing(accountId: string): AppError {
  return new AppError(
    "switched_off",
    `AWS Config evaluates nothing in the account ${accountId}: it has no rules there.`,
    {
      remedy:
        "Turn a configuration recorder on in the account and give it rules, or leave the account out of the source.",
    },
  );
}

/** An opened account as a reading: the rules at once, what they say rule by rule. `close` is called when all has been read. */
export function readOpened(
  account: OpenedAccount,
  { ruleIdentifiers, severities }: Pick<AwsConfigSpec, "ruleIdentifiers" | "severities">,
  { signal, onProgress, now }: ReadOptions & { now: Date },
  close: () => void,
): EvaluationReading {
  const byKey = new Map<string, DeployedRule[]>();
  for (const rule of account.rules) {
    const key = ruleKeyOf(rule, ruleIdentifiers);
    byKey.set(key, [...(byKey.get(key) ?? []), rule]);
  }
  const unread: UnreadRule[] = [];
  const keys = [...byKey].toSorted(([a], [b]) => (a < b ? -1 : 1));

  async function* items(): AsyncGenerator<EvaluationItem[]> {
    try {
      for (let start = 0; start < keys.length; start += CONCURRENCY) {
        signal.throwIfAborted();
        onProgress({ step: "Reading the results", done: start, total: keys.length, unit: "rules" });
        const chunk = keys.slice(start, start + CONCURRENCY);
        const answered = await runBounded(chunk, CONCURRENCY, async ([ruleKey, deployed]) => ({
          ruleKey,
          answers: await runBounded(deployed, 1, account.ask),
        }));
        for (const { ruleKey, answers } of answered) {
          const refusal = answers.find((answer) => answer.kind === "unread");
          // Where one of several rules of the same key cannot be read, the others alone must not make a resource pass.
          if (refusal) unread.push({ ruleKey, reason: refusal.reason, remedy: refusal.remedy });
          else yield* inBatches(itemsOf(ruleKey, answers, account, now));
        }
      }
    } finally {
      close();
    }
  }
  const rules = keys.map(([key, deployed]) => describeRule(key, deployed, severities));
  return { rules, items: items(), unread: () => unread };
}

function itemsOf(
  ruleKey: string,
  answered: readonly RuleAnswers[],
  account: OpenedAccount,
  now: Date,
): EvaluationItem[] {
  const answers: ConfigAnswer[] = answered.flatMap((one) => (one.kind === "answers" ? one.answers : []));
  const items = toItems(ruleKey, answers, account, now);
  const empty = answered.flatMap((one) => (one.kind === "none" ? [one.isEvaluated] : []));
  if (empty.length === 0 || items.some(({ resource }) => resource.kind === "Account")) return items;
  const isUnevaluated = empty.includes(false);
  if (items.length > 0 && !isUnevaluated) return items;
  const isEvaluated = isUnevaluated ? false : empty.includes(null) ? null : true;
  return [...items, emptyItem(ruleKey, account.accountId, isEvaluated)];
}

function* inBatches(items: readonly EvaluationItem[]): Generator<EvaluationItem[]> {
  for (let start = 0; start < items.length; start += BATCH) yield items.slice(start, start + BATCH);
}
