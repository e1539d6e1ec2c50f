import type { SqlExecutor } from "#lib/db/activity.ts";
import type { HistoryEntry, NamespaceEvent, NamespaceView } from "#lib/services/namespaces/namespace-view.ts";

/** Entries of a namespace's history that are shown, the newest. */
const MOST_ENTRIES = 200;
const MOST_EVENTS = 100;

type Asked = {
  clusterKey: string;
  uid: string;
  name: string;
  asOf: Date | null;
  teams: ReadonlyMap<string, string>;
};

type Stretch = {
  created_at: Date | null;
  phase: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  seen_from: Date;
  seen_to: Date | null;
};

/** What has changed of a namespace, newest first: its own words, its owner, and the verdict on its use. */
export async function readHistory(sql: SqlExecutor, asked: Asked): Promise<HistoryEntry[]> {
  const of = (table: string) =>
    sql.query(
      `SELECT * FROM ${table} WHERE cluster_key = $1 AND uid = $2 AND ($3::timestamptz IS NULL OR seen_from <= $3) ORDER BY seen_from, id`,
      [asked.clusterKey, asked.uid, asked.asOf],
    );
  const [stretches, owners, verdicts] = await Promise.all([
    of("namespace"),
    of("namespace_owner"),
    of("namespace_verdict"),
  ]);
  const entries = [
    ...ownEntries(stretches.rows as Stretch[], asked.asOf),
    ...owners.rows.map((row) => entry(row.seen_from, "owner", ownerText(row, asked.teams))),
    ...verdicts.rows.map((row) => entry(row.seen_from, "verdict", verdictText(row))),
  ];
  return entries.toSorted((a, b) => (a.at < b.at ? 1 : -1)).slice(0, MOST_ENTRIES);
}

function ownEntries(stretches: readonly Stretch[], asOf: Date | null): HistoryEntry[] {
  const [first] = stretches;
  if (!first) return [];
  const last = stretches.at(-1);
  const isGone = last?.seen_to && (asOf === null || last.seen_to <= asOf);
  return [
    ...(first.created_at ? [entry(first.created_at, "created", "It was made, by the cluster's word.")] : []),
    entry(first.seen_from, "first-seen", "We saw it for the first time."),
    ...stretches.slice(1).flatMap((stretch, index) => changesBetween(stretches[index] ?? stretch, stretch)),
    ...(isGone && last?.seen_to ? [entry(last.seen_to, "deleted", "It was no longer there.")] : []),
  ];
}

function changesBetween(before: Stretch, after: Stretch): HistoryEntry[] {
  const labels = differences(before.labels, after.labels);
  const annotations = differences(before.annotations, after.annotations);
  return [
    ...(before.phase === after.phase
      ? []
      : [entry(after.seen_from, "phase", `It went from ${before.phase} to ${after.phase}.`)]),
    ...(labels === "" ? [] : [entry(after.seen_from, "labels", `Labels: ${labels}.`)]),
    ...(annotations === "" ? [] : [entry(after.seen_from, "annotations", `Annotations: ${annotations}.`)]),
  ];
}

/** "team: claims → policy, env: gone". */
function differences(before: Readonly<Record<string, string>>, after: Readonly<Record<string, string>>): string {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted();
  return keys
    .filter((key) => before[key] !== after[key])
    .map((key) => `${key}: ${before[key] ?? "none"} → ${after[key] ?? "none"}`)
    .join(", ");
}

function ownerText(row: Record<string, unknown>, teams: ReadonlyMap<string, string>): string {
  const reasons = (row.reasons as string[]).join(" ");
  if (row.team_key === null) return `Its owner was not known. ${reasons}`;
  return `Its owner was ${teams.get(String(row.team_key)) ?? String(row.team_key)}. ${reasons}`;
}

const VERDICT_TEXTS: Readonly<Record<string, string>> = {
  used: "It was found in use.",
  unused: "It was found unused.",
  asleep: "It was found quiet, and kept by something.",
  unknown: "Its use could not be judged.",
};

function verdictText(row: Record<string, unknown>): string {
  const holds = row.holds_data === true ? " Its volumes hold data." : "";
  return `${VERDICT_TEXTS[String(row.verdict)] ?? "It was judged."}${holds}`;
}

function entry(at: unknown, kind: HistoryEntry["kind"], text: string): HistoryEntry {
  return { at: (at as Date).toISOString(), kind, text };
}

/** Other lives under the same name in the same cluster, newest first. */
export async function readLives(
  sql: SqlExecutor,
  clusterKey: string,
  name: string,
  uid: string,
): Promise<NamespaceView["lives"]> {
  const { rows } = await sql.query(
    `SELECT uid, created_at, first_seen_at, gone_at FROM namespace_summary WHERE cluster_key = $1 AND name = $2 AND uid <> $3
     ORDER BY first_seen_at DESC`,
    [clusterKey, name, uid],
  );
  return rows.map((row) => ({
    uid: String(row.uid),
    createdAt: (row.created_at as Date | null)?.toISOString() ?? null,
    firstSeenAt: (row.first_seen_at as Date).toISOString(),
    goneAt: (row.gone_at as Date | null)?.toISOString() ?? null,
  }));
}

/** What people decided about it in Bursar, from the log, newest first. */
export async function readEvents(sql: SqlExecutor, clusterKey: string, uid: string): Promise<NamespaceEvent[]> {
  const { rows } = await sql.query(
    `SELECT at, actor_id, action, after ->> 'reason' AS after_reason, before ->> 'reason' AS before_reason FROM activity
     WHERE action IN ('owner.overruled', 'overrule.ended', 'namespaces.exempted', 'exemption.ended') AND subject = $1
       AND (after -> 'namespaces' @> jsonb_build_array(jsonb_build_object('uid', $2::text)) OR before ->> 'uid' = $2
         OR before ->> 'subject' = $1 || ' ' || $2)
     ORDER BY id DESC LIMIT ${MOST_EVENTS}`,
    [clusterKey, uid],
  );
  return rows.map((row) => ({
    at: (row.at as Date).toISOString(),
    actor: String(row.actor_id),
    action: String(row.action),
    detail: String(row.after_reason ?? row.before_reason ?? ""),
  }));
}
