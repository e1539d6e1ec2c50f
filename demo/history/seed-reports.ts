import { pastLooks } from "#demo/estate/compliance.ts";
import type { Estate } from "#demo/estate/estate.ts";
import { plannedClusters, type PlannedCluster, type PlannedNamespace } from "#demo/estate/namespaces.ts";
import type { Workload } from "#demo/estate/namespaces-content.ts";
import { plannedPolicies, resultStretches, type PlannedPolicy } from "#demo/estate/policy-results.ts";
import { HISTORY_DAYS, type History } from "#demo/history/replay-looks.ts";
import { identityOf } from "#demo/kubernetes/render-cluster.ts";
import { policyResult } from "#demo/kubernetes/render-reports.ts";
import { RENDERED } from "#demo/kubernetes/rendering.ts";
import { SYSTEM_ACTOR } from "#lib/access/actor.ts";
import { startOf } from "#lib/domain/period.ts";
import { publishParts, type EvaluationPublication } from "#lib/services/evaluations/publish-evaluations.ts";
import type { EvaluatedRule, EvaluationItem, EvaluationReading } from "#lib/sources/evaluation-reading.ts";
import { resultsOfReport } from "#lib/sources/kubernetes/policy-report.ts";
import { evaluationsOf, placeOf, type ReportedCluster } from "#lib/sources/kubernetes/read-reports.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Looks of the past were made once a month, and speak for two. */
const PAST_REACH_MS = 62 * DAY_MS;
const REPORTED_BY = "wgpolicyk8s.io";
/** Kinds whose objects stay the same from look to look; a job is another one each time. */
const LASTING = {
  Deployment: RENDERED.deployment,
  StatefulSet: RENDERED.statefulSet,
  CronJob: RENDERED.cronJob,
} as const;

/**
 * Brings what Kyverno reported in the months before the first of the demo's looks, with the monthly looks that would have read it, by the source's own
 * reading of each report. Reading the clusters for each month would take minutes, and a cluster tells nothing but now.
 */
export async function seedReports({ database, estate, sourceKey, now }: History): Promise<void> {
  const known = await database.pool.query("SELECT 1 FROM evaluation_part WHERE source_key = $1 LIMIT 1", [sourceKey]);
  if (known.rows.length > 0) return;
  const at = new Date(now.getTime() - HISTORY_DAYS * DAY_MS - HOUR_MS);
  const earlier = pastLooks(estate, at).map((look) => ({
    at: look,
    goodUntil: new Date(look.getTime() + PAST_REACH_MS),
  }));
  const publications = plannedClusters(estate)
    .filter(({ features }) => features.includes("policy-reports"))
    .map((cluster): EvaluationPublication => ({
      sourceKey,
      part: cluster.name,
      at,
      goodForMs: DAY_MS,
      reading: reportsReading(estate, cluster, at),
      earlier,
    }));
  const context = { actor: SYSTEM_ACTOR, database, now: at };
  await database.transact(async ({ sql }) => void (await publishParts(context, sql, publications)));
}

/** What Kyverno reported of one cluster up to `at`: the open items are those that a look at `at` reads. */
export function reportsReading(estate: Estate, cluster: PlannedCluster, at: Date): EvaluationReading {
  const policies = plannedPolicies(estate.calendar).filter(({ from }) => from === null || startOf(from) <= at);
  const things = thingsOf(estate, cluster, at);
  const made = things.flatMap((thing) => policies.map((policy) => itemsOf(estate, cluster, thing, policy, at)));
  const rules = new Map(made.flatMap((some) => some.rules.map((rule) => [rule.ruleKey, rule] as const)));
  // One batch: what is in memory already is handed over at once.
  async function* items(): AsyncGenerator<EvaluationItem[]> {
    yield made.flatMap((some) => some.items);
  }
  return { rules: [...rules.values()], items: items(), unread: () => [] };
}

/** Something that is reported on, over the time in which it was there. */
type Thing = {
  name: string;
  about: string;
  scope: { kind: string; name: string; namespace: string } | null;
  place: Pick<ReportedCluster, "namespaces" | "workloads">;
  from: Date;
  to: Date | null;
};

function thingsOf(estate: Estate, cluster: PlannedCluster, at: Date): Thing[] {
  const start = startOf(estate.calendar.start);
  const itself: Thing = {
    name: "cluster",
    about: "Namespace cluster",
    scope: null,
    place: { namespaces: new Map(), workloads: new Map() },
    from: start,
    to: null,
  };
  const inside = cluster.lives
    .filter(({ isSystem, created }) => !isSystem && new Date(created) <= at)
    .map((life) => ({ life, ...lifeOf(life, start, at) }))
    .filter(({ from, to }) => to === null || from < to)
    .flatMap(({ life, from, to }) =>
      life.workloads
        .filter(({ kind }) => to === null || kind in LASTING)
        .map((workload): Thing => {
          const name = `${life.name}/${workload.name}`;
          const scope = { kind: workload.kind, name: workload.name, namespace: life.name };
          return { name, about: `${workload.kind} ${name}`, scope, place: placeIn(estate, life, workload), from, to };
        }),
    );
  return [itself, ...inside];
}

function lifeOf({ created, deleted }: PlannedNamespace, start: Date, at: Date): { from: Date; to: Date | null } {
  const born = new Date(created);
  const died = deleted === null ? null : new Date(deleted);
  return { from: born < start ? start : born, to: died !== null && died <= at ? died : null };
}

function placeIn({ seed }: Estate, life: PlannedNamespace, { kind, name }: Workload): Thing["place"] {
  const lasting = LASTING[kind as keyof typeof LASTING];
  const uid = lasting && identityOf(seed, life.cluster, lasting, { namespace: life.name, name, created: life.created });
  return {
    namespaces: new Map([[life.name, life.uid]]),
    workloads: new Map(uid === undefined ? [] : [[placeOf(life.name, kind, name), uid]]),
  };
}

/** As the source reads them: a report for each stretch, whose result then has the stretch's time. */
function itemsOf(
  { seed }: Estate,
  cluster: PlannedCluster,
  { name, about, scope, place, from, to }: Thing,
  policy: PlannedPolicy,
  at: Date,
): { rules: EvaluatedRule[]; items: EvaluationItem[] } {
  const reported = { key: cluster.name, accountId: cluster.account.id, ...place };
  const found = resultStretches(seed, policy, `${cluster.name} ${name}`, from)
    .filter((stretch) => stretch.from < (to ?? at))
    .map((stretch) => {
      const report = {
        metadata: { name, ...(scope === null ? {} : { namespace: scope.namespace }) },
        ...(scope === null ? {} : { scope }),
        results: [policyResult(policy, stretch.result, about, stretch.from)],
      };
      const { rules, items } = evaluationsOf(resultsOfReport(report, REPORTED_BY), reported);
      // What is open at `at` has no end yet, whatever comes after.
      const ends = [stretch.to, to]
        .filter((end) => end !== null && end <= at)
        .toSorted((left, right) => Number(left) - Number(right));
      return { rules, items: items.map((item) => ({ ...item, from: stretch.from, to: ends[0] ?? null })) };
    });
  return { rules: found.flatMap(({ rules }) => rules), items: found.flatMap(({ items }) => items) };
}
