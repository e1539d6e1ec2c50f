import { SYSTEM_ACTOR } from "#lib/access/actor.ts";
import type { Database } from "#lib/db/client.ts";
import { observe } from "#lib/db/observe.ts";
import type { Verdict } from "#lib/domain/posture/verdict.ts";
import { AppError } from "#lib/errors.ts";
import { noteFailedLook } from "#lib/services/evaluations/note-failed-look.ts";
import { publishEvaluations } from "#lib/services/evaluations/publish-evaluations.ts";
import { resolveAllNamespaceOwners } from "#lib/services/ownership/resolve-namespace-owners.ts";
import type { EvaluationItem } from "#lib/sources/evaluation-reading.ts";
import type { Random } from "#demo/estate/random.ts";
import { HOUR_MS, Oracle, type OracleItem } from "#demo/prove/as-of/oracle.ts";

/** The first hour of the history. It goes over two turns of a month. */
const BEGINNING = Date.parse("2026-03-20T00:00:00Z");
export const SOURCE = "prove-as-of";
export const RULES = ["baseline:alpha", "baseline:beta", "baseline:gamma"];
const PARTS = ["p1", "p2", "p3"];
export const TEAMS = ["red", "green", "blue"];
const ACCOUNTS = ["a1", "a2"];
const CLUSTER = "prove-cluster";
const VERDICTS: readonly Verdict[] = ["pass", "fail", "fail", "pass", "unknown", "not_applicable"];

export type Waived = { rule: string; team: string | null; from: number; to: number };
export type History = { oracle: Oracle; hours: number; waivers: Waived[] };

export function hourInstant(hour: number): Date {
  return new Date(BEGINNING + hour * HOUR_MS);
}

/** Publishes a random history, an event every few hours, and tells the oracle the same. Everything comes from the seed of `random`. */
export async function writeHistory(
  database: Database,
  random: Random,
  { events, resources }: { events: number; resources: number },
): Promise<History> {
  const hours = events * 12;
  const owners = new Map<string, string>();
  const oracle = new Oracle(hours + 1, (resource) => ownerOf(owners, resource));
  await addTeams(database);
  const waivers = await addWaivers(database, random, hours);
  // A history that the first look brings goes back to before it.
  for (let event = 0, hour = 200; event < events && hour < hours; event += 1, hour += 1 + random.below(9)) {
    const kind = random.below(100);
    if (kind < 25) await changeOwners(database, { random, owners, oracle, hour });
    else if (kind < 32) await failLook(database, { part: random.pick(PARTS), hour });
    else await look(database, { random, oracle, hour, resources });
  }
  return { oracle, hours, waivers };
}

function ownerOf(owners: ReadonlyMap<string, string>, resource: string): string {
  const { account, uid } = placeOf(resource);
  return owners.get(uid ?? account) ?? "";
}

/** Every third resource is in a namespace; of the others each is in one of the accounts. */
function placeOf(resource: string): { account: string; uid: string | null } {
  const number = Number(resource.slice(resource.indexOf("-") + 1));
  return { account: ACCOUNTS[number % ACCOUNTS.length] ?? "a1", uid: number % 3 === 0 ? `uid-${number % 2}` : null };
}

type Looked = { random: Random; oracle: Oracle; hour: number; resources: number };

async function look(database: Database, { random, oracle, hour, resources }: Looked): Promise<void> {
  const part = random.pick(PARTS);
  const unread = random.perMille(150) ? [random.pick(RULES)] : [];
  const items: OracleItem[] = [];
  for (const rule of RULES)
    for (let number = 0; number < resources; number += 1) {
      const resource = `${part}-${number}`;
      const isMissing = random.perMille(80);
      if (unread.includes(rule) || isMissing) continue;
      items.push(
        ...itemsOf(random, { rule, resource, hour, last: lastVerdict(oracle, { part, rule, resource, hour }) }),
      );
    }
  const goodFor = 2 + random.below(60 - 2);
  await database.transact(({ sql }) =>
    publishEvaluations({ actor: SYSTEM_ACTOR, database, now: hourInstant(hour) }, sql, {
      sourceKey: SOURCE,
      part,
      at: hourInstant(hour),
      goodForMs: goodFor * HOUR_MS,
      reading: {
        rules: RULES.map((ruleKey) => ({
          ruleKey,
          title: ruleKey,
          description: null,
          severity: "high",
          remedy: null,
          details: {},
        })),
        items: batchesOf(items),
        unread: () => unread.map((ruleKey) => ({ ruleKey, reason: "Denied.", remedy: null })),
      },
    }),
  );
  oracle.look(part, hour, { items, unread, goodUntil: hour + goodFor });
}

function lastVerdict(
  oracle: Oracle,
  { part, rule, resource, hour }: { part: string; rule: string; resource: string; hour: number },
): Verdict | null {
  return oracle.series.get(`${part} ${rule} ${resource}`)?.versions.at(-1)?.line[hour]?.verdict ?? null;
}

/** What is said of one thing: mostly what it was, sometimes something else, sometimes with pieces of the past. */
function itemsOf(
  random: Random,
  { rule, resource, hour, last }: { rule: string; resource: string; hour: number; last: Verdict | null },
): OracleItem[] {
  const item = (from: number | null, to: number | null, verdict: Verdict): OracleItem => {
    return {
      rule,
      resource,
      verdict,
      note: verdict === "fail" && random.perMille(300) ? "Another word." : null,
      from,
      to,
    };
  };
  const now = last !== null && random.perMille(800) ? last : random.pick(VERDICTS);
  const isOfPast = random.perMille(150);
  if (!isOfPast) return [item(random.perMille(100) ? hour - (1 + random.below(39)) : null, null, now)];
  const middle = hour - (20 + random.below(40));
  const pieces = [
    item(middle - (1 + random.below(89)), middle, random.pick(VERDICTS)),
    item(middle, middle + 1 + random.below(10 - 1), random.pick(VERDICTS)),
  ];
  return random.perMille(900) ? [...pieces, item(null, null, now)] : pieces;
}

async function* batchesOf(items: readonly OracleItem[]): AsyncGenerator<EvaluationItem[]> {
  yield items.map(({ rule, resource, verdict, note, from, to }): EvaluationItem => {
    const { account, uid } = placeOf(resource);
    return {
      ruleKey: rule,
      resource: {
        kind: "Thing",
        key: resource,
        name: resource,
        accountId: uid === null ? account : null,
        region: null,
        clusterKey: uid === null ? null : CLUSTER,
        namespaceUid: uid,
        environment: null,
      },
      verdict,
      note,
      evidence: null,
      from: from === null ? null : hourInstant(from),
      to: to === null ? null : hourInstant(to),
    };
  });
}

type Owned = { random: Random; owners: Map<string, string>; oracle: Oracle; hour: number };

async function changeOwners(database: Database, { random, owners, oracle, hour }: Owned): Promise<void> {
  const at = hourInstant(hour);
  for (const subject of [...ACCOUNTS, "uid-0", "uid-1"])
    if (random.perMille(500)) owners.set(subject, random.pick(TEAMS));
  const owned = (subjects: readonly string[]) => subjects.filter((subject) => owners.has(subject));
  await database.transact(async ({ sql }) => {
    await observe(sql, {
      table: "ownership_claim",
      scope: { source_key: SOURCE, subject_kind: "account" },
      keys: ["subject_key", "origin", "detail"],
      values: ["names_kind", "names_value", "inherited"],
      rows: owned(ACCOUNTS).map((account) => ({
        subject_key: `AWS ${account}`,
        origin: "account-tag",
        detail: "team",
        names_kind: "team",
        names_value: owners.get(account),
        inherited: false,
      })),
      at,
    });
    await observe(sql, {
      table: "namespace_owner",
      scope: { cluster_key: CLUSTER },
      keys: ["uid"],
      values: ["team_key", "strength", "confidence", "origin", "reasons"],
      rows: owned(["uid-0", "uid-1"]).map((uid) => ({
        uid,
        team_key: owners.get(uid),
        strength: "explicit",
        confidence: "high",
        origin: "label",
        reasons: [],
      })),
      at,
    });
    await resolveAllNamespaceOwners(sql, at);
  });
  oracle.reassign(hour);
}

function failLook(database: Database, { part, hour }: { part: string; hour: number }): Promise<void> {
  const error = new AppError("unavailable", "It did not answer.");
  return noteFailedLook(database.pool, { sourceKey: SOURCE, part, at: hourInstant(hour), error });
}

async function addTeams(database: Database): Promise<void> {
  for (const team of TEAMS)
    await database.pool.query(
      `INSERT INTO team_membership (team_key, team_name, business_unit_key, business_unit_name, cost_centre, lead_mail, aliases, source_key)
       VALUES ($1, $1, 'unit', 'Unit', '', '', '{}', $2)`,
      [team, SOURCE],
    );
}

async function addWaivers(database: Database, random: Random, hours: number): Promise<Waived[]> {
  const waivers = Array.from({ length: 4 }, (_, index): Waived => {
    const from = 200 + random.below(hours - 50 - 200);
    return {
      rule: RULES[index % RULES.length] ?? "",
      team: index === 0 ? null : random.pick(TEAMS),
      from,
      to: from + 20 + random.below(200 - 20),
    };
  });
  for (const { rule, team, from, to } of waivers)
    await database.pool.query(
      `INSERT INTO waiver (rule_key, scope_kind, scope_key, reason, requested_by, requested_at, valid_from, ends_at, decided_by, decided_at, decision)
       VALUES ($1, $2, $3, 'Accepted.', 'one', $4, $4, $5, 'other', $4, 'approved')`,
      [rule, team === null ? "all" : "team", team ?? "", hourInstant(from), hourInstant(to)],
    );
  return waivers;
}
