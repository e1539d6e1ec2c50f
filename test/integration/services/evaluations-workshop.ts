import { SYSTEM_ACTOR } from "#lib/access/actor.ts";
import { observe } from "#lib/db/observe.ts";
import type { Verdict } from "#lib/domain/posture/verdict.ts";
import { publishEvaluations, type EvaluationCounts } from "#lib/services/evaluations/publish-evaluations.ts";
import { resolveAllNamespaceOwners } from "#lib/services/ownership/resolve-namespace-owners.ts";
import type { EvaluationItem, EvaluationReading, UnreadRule } from "#lib/sources/evaluation-reading.ts";
import type { TestInstance } from "#test/integration/instance.ts";

export const HOUR_MS = 3_600_000;

/** An instant of a day in June 2026: "05T10" is the 5th, 10:00 UTC. */
export function june(text: string): Date {
  return new Date(`2026-06-${text}:00:00Z`);
}

export type Item = {
  rule?: string;
  resource: string;
  verdict: Verdict;
  account?: string;
  note?: string;
  evidence?: unknown;
  from?: Date;
  to?: Date;
  environment?: string;
};

export function reading(items: readonly Item[], unread: UnreadRule[] = []): EvaluationReading {
  const ruleKeys = [...new Set(["ENCRYPTED_VOLUMES", ...items.map(({ rule }) => rule ?? "ENCRYPTED_VOLUMES")])];
  return {
    rules: ruleKeys.map((ruleKey) => ({
      ruleKey,
      title: `Rule ${ruleKey}`,
      description: null,
      severity: "high",
      remedy: null,
      details: {},
    })),
    items: batches(items),
    unread: () => unread,
  };
}

async function* batches(items: readonly Item[]): AsyncGenerator<EvaluationItem[]> {
  yield items.map(toItem);
}

function toItem({ rule, resource, verdict, account, note, evidence, from, to, environment }: Item): EvaluationItem {
  return {
    ruleKey: rule ?? "ENCRYPTED_VOLUMES",
    resource: {
      kind: "AWS::EC2::Volume",
      key: resource,
      name: resource,
      accountId: account ?? "a1",
      region: "eu-central-1",
      clusterKey: null,
      namespaceUid: null,
      environment: environment ?? null,
    },
    verdict,
    note: note ?? null,
    evidence: evidence ?? null,
    from: from ?? null,
    to: to ?? null,
  };
}

export function publish(
  instance: TestInstance,
  at: Date,
  items: readonly Item[],
  options: { part?: string; unread?: UnreadRule[]; goodForMs?: number } = {},
): Promise<EvaluationCounts> {
  const { part = "a1", unread = [], goodForMs = 24 * HOUR_MS } = options;
  const context = { ...instance.context(SYSTEM_ACTOR), now: at };
  return instance.database.transact(({ sql }) =>
    publishEvaluations(context, sql, { sourceKey: "config", part, at, goodForMs, reading: reading(items, unread) }),
  );
}

/** From `at` on these accounts are these teams'. */
export async function ownAccounts(instance: TestInstance, at: Date, owners: Record<string, string>): Promise<void> {
  await instance.database.transact(async ({ sql }) => {
    await observe(sql, {
      table: "ownership_claim",
      scope: { source_key: "organisation", subject_kind: "account" },
      keys: ["subject_key", "origin", "detail"],
      values: ["names_kind", "names_value", "inherited"],
      rows: Object.entries(owners).map(([account, team]) => ({
        subject_key: `AWS ${account}`,
        part: "",
        origin: "account-tag",
        detail: "team",
        names_kind: "team",
        names_value: team,
        inherited: false,
      })),
      at,
    });
    await resolveAllNamespaceOwners(sql, at);
  });
}
