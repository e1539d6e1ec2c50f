import { namespaceTruth, type NamespaceTruth } from "#demo/estate/namespaces.ts";
import type { Measure } from "#demo/prove/measure.ts";
import { CLUSTERS, lookAtClusters } from "#demo/prove/proved-clusters.ts";
import type { ProvedEstate } from "#demo/prove/proved-estate.ts";
import { listNamespaces } from "#lib/services/sprawl/list-namespaces.ts";
import { DEFAULT_SPRAWL_QUERY, MOST_PAGE_ROWS, type NamespaceRow } from "#lib/services/sprawl/sprawl-view.ts";

/** Percent of the namespaces that have to get the owner that was planted, or nobody where nobody was. */
const LEAST_PERCENT = 95;

/**
 * The namespaces get the owners that were planted: at least 95 of 100, none a wrong one with high confidence, and each of the others
 * says why. What was planted without an owner gets none, or a weak hint at most.
 */
export async function proveOwners(estate: ProvedEstate): Promise<Measure[]> {
  await lookAtClusters(estate);
  const rows = await readAll(estate);
  const found = new Map(rows.map((row) => [row.uid, row]));
  const measures: Measure[] = [];
  const say = (measure: string, expected: string, text: string) =>
    measures.push({ promise: "owners", measure, expected, found: text });
  const truth = namespaceTruth(estate.estate);
  const owned = truth.filter(({ ownerTeam }) => ownerTeam !== null);
  const orphans = truth.filter(({ ownerTeam }) => ownerTeam === null);
  const standing = (planted: NamespaceTruth) => standingOf(planted, found.get(planted.uid));

  say("namespaces that are there", String(truth.length), String(rows.length));
  for (const [which, asked] of [
    ["namespaces that get the owner that was planted, nobody included", truth],
    ["namespaces that get the team that was planted", owned],
  ] as const) {
    const right = asked.filter((planted) => standing(planted) === "right").length;
    const percent = (right * 100) / asked.length;
    const bound = `at least ${LEAST_PERCENT} %`;
    const text = `${percent.toFixed(1)} %`;
    say(`${which}: ${right} of ${asked.length}, ${text}`, bound, percent >= LEAST_PERCENT ? bound : text);
  }
  const sure = truth.filter(
    (planted) => standing(planted) === "wrong" && found.get(planted.uid)?.owner.confidence === "high",
  );
  say("wrong with high confidence", "", sure.map(({ cluster, namespace }) => `${cluster}/${namespace}`).join(", "));
  const silent = truth.filter(
    (planted) => standing(planted) !== "right" && (found.get(planted.uid)?.owner.reasons.length ?? 0) === 0,
  );
  say("the others that do not say why", "", silent.map(({ namespace }) => namespace).join(", "));
  const given = orphans.filter(({ uid }) => {
    const owner = found.get(uid)?.owner;
    return owner?.team !== null && owner?.strength !== "weak" && owner?.strength !== "contested";
  });
  say(
    "nobody's that were given to somebody by more than a hint",
    "",
    given.map(({ namespace }) => namespace).join(", "),
  );
  for (const [evidence, own] of Map.groupBy(truth, (planted) => planted.evidence)) {
    const counts = (["right", "wrong", "nobody"] as const).map(
      (one) => `${own.filter((planted) => standing(planted) === one).length} ${one}`,
    );
    const origins = [...new Set(own.map(({ uid }) => found.get(uid)?.owner.origin ?? "none"))].toSorted().join(", ");
    const line = `${counts.join(", ")} (${origins})`;
    measures.push({
      promise: "owners",
      measure: `by origin: ${evidence}, ${own.length} planted`,
      expected: line,
      found: line,
    });
  }
  return measures;
}

function standingOf(planted: NamespaceTruth, row: NamespaceRow | undefined): "right" | "wrong" | "nobody" {
  const team = row?.owner.team?.key ?? null;
  if (team === planted.ownerTeam) return "right";
  return team === null ? "nobody" : "wrong";
}

/** Every namespace of the proof's clusters, page by page. */
async function readAll({ context, database }: ProvedEstate): Promise<NamespaceRow[]> {
  const clusters = await database.pool.query<{ key: string }>(
    "SELECT DISTINCT cluster_key AS key FROM cluster WHERE source_key = $1",
    [CLUSTERS],
  );
  const query = { ...DEFAULT_SPRAWL_QUERY, clusters: clusters.rows.map(({ key }) => key), limit: MOST_PAGE_ROWS };
  const first = await listNamespaces(context(), query);
  const rows = [...first.rows];
  for (let offset = rows.length; offset < first.total; offset += MOST_PAGE_ROWS)
    rows.push(...(await listNamespaces(context(), { ...query, offset })).rows);
  return rows;
}
