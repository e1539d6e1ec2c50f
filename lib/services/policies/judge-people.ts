import type { PoolClient } from "pg";
import { loadConfig } from "#lib/config.ts";
import type { PersonFacts } from "#lib/policies/facts.ts";
import { PERSON_POLICIES } from "#lib/policies/index.ts";
import type { Transaction } from "#lib/db/client.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import { publishEvaluations } from "#lib/services/evaluations/publish-evaluations.ts";
import { inventoryReachMs, PEOPLE_GOOD_FOR_MS } from "#lib/services/policies/good-for.ts";
import { policySettings } from "#lib/services/policies/policy-settings.ts";
import { enqueue } from "#lib/services/runs/queue.ts";
import { judgeAll, POLICIES_SOURCE, toReading } from "#lib/services/policies/to-reading.ts";

/** Rules of others that say whether a user has a second factor: AWS Config's, by the user's name. */
const MFA_RULES = ["IAM_USER_MFA_ENABLED", "MFA_ENABLED_FOR_IAM_CONSOLE_ACCESS"];
const PART = "people";

/** Clusters are looked at in groups, and each of them may have given somebody access: people are judged once, when a group is over. */
const SETTLE_SECONDS = 30;

/** Queues that everybody is judged, in the transaction that may have changed who has access. */
export async function requestPeople(transaction: Transaction): Promise<void> {
  await enqueue(transaction, "judge-people", {}, { singletonKey: "all", startAfter: SETTLE_SECONDS });
}

/**
 * Judges everybody in the directory by what is stored, in the caller's transaction: after the directory, and some time after a cluster in
 * which somebody may have been given access. Without a directory there is nobody to judge.
 */
export async function judgePeople(context: ServiceContext, sql: PoolClient, { at }: { at: Date }): Promise<void> {
  const people = await readPeople(sql, at);
  if (people.length === 0) return;
  const leavers = people.flatMap(({ mail, leftAt }) => (leftAt !== null && leftAt <= at ? [mail] : []));
  const access = await readAccess(sql, leavers);
  const unread = await readUnreadClusters(sql, at);
  const mfa = await readMfa(sql, at);
  const things = people.map(({ mail, name, leftAt }) => {
    const facts: PersonFacts = {
      leftAt,
      hasMfa: [mail, mail.split("@")[0] ?? ""].map((user) => mfa.get(user)).find((said) => said !== undefined) ?? null,
      access: access.get(mail) ?? [],
      unread,
    };
    return {
      resource: {
        kind: "Person",
        key: mail,
        name,
        accountId: null,
        region: null,
        clusterKey: null,
        namespaceUid: null,
        environment: null,
      },
      facts,
    };
  });
  await publishEvaluations(context, sql, {
    sourceKey: POLICIES_SOURCE,
    part: PART,
    at,
    goodForMs: PEOPLE_GOOD_FOR_MS,
    reading: toReading([judgeAll({ policies: PERSON_POLICIES, things }, { now: at, settings: policySettings() })]),
  });
}

/** Everybody once, with the day of leaving where no stretch of the person reaches beyond `at`. */
async function readPeople(sql: PoolClient, at: Date): Promise<{ mail: string; name: string; leftAt: Date | null }[]> {
  const { rows } = await sql.query<{ mail: string; name: string; left_at: Date | null }>(
    `SELECT lower(mail) AS mail, (array_agg(name ORDER BY active_from DESC NULLS LAST))[1] AS name,
            CASE WHEN bool_or(active_to IS NULL OR active_to > $1::timestamptz) THEN NULL
                 ELSE max(active_to)::timestamp AT TIME ZONE 'UTC' END AS left_at
     FROM person GROUP BY lower(mail) ORDER BY 1`,
    [at],
  );
  return rows.map(({ mail, name, left_at: leftAt }) => ({ mail, name, leftAt }));
}

/** Where each of some people is named in a binding, in words. */
async function readAccess(sql: PoolClient, mails: readonly string[]): Promise<Map<string, string[]>> {
  if (mails.length === 0) return new Map();
  const { rows } = await sql.query<{ mail: string; place: string }>(
    `SELECT lower(j->>'name') AS mail, 'the cluster ' || b.cluster_key || ' as ' || b.role AS place
     FROM cluster_binding b, jsonb_array_elements(b.subjects) j
     WHERE b.seen_to IS NULL AND j->>'kind' = 'User' AND lower(j->>'name') = ANY($1)
     UNION
     SELECT lower(j->>'name'), 'the namespace ' || n.name || ' of ' || n.cluster_key || ' as ' || (b->>'role')
     FROM namespace n JOIN namespace_state s USING (cluster_key, uid),
       jsonb_array_elements(CASE jsonb_typeof(s.content->'roleBindings') WHEN 'array' THEN s.content->'roleBindings' ELSE '[]' END) b,
       jsonb_array_elements(b->'subjects') j
     WHERE n.seen_to IS NULL AND j->>'kind' = 'User' AND lower(j->>'name') = ANY($1)
     ORDER BY 1, 2`,
    [mails],
  );
  const places = new Map<string, string[]>();
  for (const { mail, place } of rows) places.set(mail, [...(places.get(mail) ?? []), place]);
  return places;
}

/**
 * Clusters whose last look failed or could not read one of the kinds of bindings, and those of the settings that nobody has looked at for
 * longer than a look speaks: what was read of them may be otherwise by now. One that the settings name no more is not waited for.
 */
async function readUnreadClusters(sql: PoolClient, at: Date): Promise<string[]> {
  const { rows } = await sql.query<{ cluster_key: string; at: Date; is_unread: boolean }>(
    `SELECT DISTINCT ON (cluster_key) cluster_key, at, outcome <> 'complete' OR EXISTS (
       SELECT 1 FROM jsonb_array_elements(unknown) u WHERE u->>'kind' LIKE '%rolebindings.rbac%') AS is_unread
     FROM cluster_look ORDER BY cluster_key, at DESC, id DESC`,
  );
  const lookedAt = new Map(rows.map((row) => [row.cluster_key, row.at]));
  const silent = Object.values(loadConfig().sources).flatMap((spec) => {
    if (spec.kind !== "kubernetes") return [];
    const since = at.getTime() - inventoryReachMs(spec.schedule, "cluster", at);
    return spec.clusters.map(({ key }) => key).filter((key) => (lookedAt.get(key)?.getTime() ?? 0) <= since);
  });
  const unread = rows.filter((row) => row.is_unread).map((row) => row.cluster_key);
  return [...new Set([...unread, ...silent])].toSorted();
}

/**
 * Whether users have a second factor, by their names. A user who fails anywhere fails; one of whom a part is unknown, or of whom the last
 * look speaks no more, is unknown (null).
 */
async function readMfa(sql: PoolClient, at: Date): Promise<Map<string, boolean | null>> {
  const { rows } = await sql.query<{ name: string; has_mfa: boolean | null }>(
    `SELECT lower(r.name) AS name, CASE WHEN bool_or(e.verdict = 'fail' AND t.good_until > $2) THEN false
                                        WHEN bool_and(e.verdict = 'pass' AND t.good_until > $2) THEN true END AS has_mfa
     FROM evaluation e JOIN posture_cell c ON c.id = e.cell_id JOIN posture_rule p ON p.id = c.rule_id
     JOIN compliance_resource r ON r.id = e.resource_id
     JOIN evaluation_part t ON t.source_key = c.source_key AND t.part = c.part
     WHERE c.grain = 'full' AND p.rule_key = ANY($1) AND e.valid_to IS NULL AND e.retired_at IS NULL
       AND e.verdict IN ('pass', 'fail', 'unknown')
     GROUP BY lower(r.name)`,
    [MFA_RULES, at],
  );
  return new Map(rows.map(({ name, has_mfa: hasMfa }) => [name, hasMfa]));
}
