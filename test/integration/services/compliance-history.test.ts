import { afterAll, beforeAll, expect, test } from "vitest";
import { demoRoleOf } from "#demo/aws/server.ts";
import { AGGREGATOR } from "#demo/aws/config/aggregator.ts";
import { COMPLIANCE_PLANTS } from "#demo/estate/compliance-rules.ts";
import { complianceOf, isRefused, pastLooks, verdictAt } from "#demo/estate/compliance.ts";
import { createEstate, type Estate } from "#demo/estate/estate.ts";
import { CONFIG_SOURCE } from "#demo/exports/bursar-config.ts";
import { seedCompliance } from "#demo/history/seed-compliance.ts";
import { readGaps } from "#lib/db/posture/read-gaps.ts";
import { day } from "#lib/domain/period.ts";
import { DUE_DAYS } from "#lib/domain/posture/due-date.ts";
import { readAgeing } from "#lib/services/posture/read-ageing.ts";
import { NO_POSTURE_FILTERS } from "#lib/services/posture/posture-view.ts";
import { judgeAccounts } from "#lib/services/policies/judge-accounts.ts";
import { verdictOf } from "#lib/sources/aws-config/normalize.ts";
import { severityOfRule } from "#lib/sources/aws-config/rule-severity.ts";
import { createInstance, type TestInstance } from "#test/integration/instance.ts";
import { openAwsWorkshop, type AwsWorkshop } from "#test/integration/sources/aws-estate.ts";

const NOW = new Date(Math.floor(Date.now() / 1000) * 1000);
const DAY_MS = 86_400_000;
let estate: Estate;
let aws: AwsWorkshop;
let instance: TestInstance;

beforeAll(async () => {
  estate = createEstate({
    seed: "compliance-history",
    today: day(NOW.toISOString().slice(0, 10)),
    months: 6,
    scale: 0.05,
  });
  aws = await openAwsWorkshop({ estate, configNow: () => NOW });
  const { arn, externalId } = demoRoleOf(estate);
  const role = { ...aws.connection, roleArn: arn, externalId, region: AGGREGATOR.region };
  instance = await createInstance({
    environmentTags: ["environment", "env"],
    sources: {
      organisation: { kind: "aws-organizations", ...role },
      [CONFIG_SOURCE.key]: {
        kind: "aws-config",
        ...role,
        aggregator: AGGREGATOR.name,
        schedule: CONFIG_SOURCE.schedule,
      },
    },
  });
  await instance.load("organisation");
  await seedCompliance({ database: instance.database, estate, now: NOW });
}, 300_000);
afterAll(async () => {
  await instance.remove();
  await aws.close();
});

/** Verdict → number, as it was planted. */
function planted(at: Date): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const here of complianceOf(estate))
    for (const evaluation of here.evaluations) {
      const isHidden = isRefused(here, at);
      const said = verdictAt(evaluation, isHidden ? (here.refusedFrom ?? at) : at);
      const verdict = said && (isHidden ? "unknown" : verdictOf(said.verdict));
      if (verdict) counts[verdict] = (counts[verdict] ?? 0) + 1;
    }
  return counts;
}

async function stored(at: Date): Promise<Record<string, number>> {
  const { rows } = await instance.database.pool.query<{ verdict: string; count: number }>(
    `SELECT verdict, count(*)::int AS count FROM evaluation
     WHERE retired_at IS NULL AND valid_from <= $1 AND (valid_to IS NULL OR valid_to > $1) GROUP BY verdict`,
    [at],
  );
  return Object.fromEntries(rows.map(({ verdict, count }) => [verdict, count]));
}

/** The numbers that pages are made of: the month's and what changed since. */
async function counted(at: Date): Promise<Record<string, number>> {
  const { rows } = await instance.database.pool.query(
    `SELECT sum(pass)::int AS pass, sum(fail)::int AS fail, sum(unknown)::int AS unknown, sum(not_applicable)::int AS not_applicable
     FROM posture_change WHERE grain = 'total' AND at <= $1`,
    [at],
  );
  return rows[0] ?? {};
}

test("the posture of any past look is the planted one, in the rows and in the numbers", async () => {
  const looks = pastLooks(estate, NOW);
  expect(looks).toHaveLength(6);
  for (const at of [looks[1], looks[3], looks.at(-1), NOW]) {
    if (!at) throw new Error("there is no such look");
    const expected = planted(at);
    expect(expected["fail"]).toBeGreaterThan(50);
    expect(await stored(at)).toEqual(expected);
    expect(await counted(at)).toEqual(expected);
  }
});

test("a failure of AWS Config is due by the severity of its rule, as long after it began as the severity allows", async () => {
  const context = instance.context({ id: "auditor", name: "Auditor", role: "auditor", teamKey: null });
  const ageing = await readAgeing(context, { frameworkId: null, asOf: NOW, filters: NO_POSTURE_FILTERS });
  const severities = new Set(ageing.rows.map(({ severity }) => severity));
  expect(severities).toEqual(new Set(["critical", "high", "medium", "low"]));
  expect(ageing.due.length).toBeGreaterThan(0);
  for (const { ruleKey, heldFrom, dueAt } of ageing.due) {
    const days = DUE_DAYS[severityOfRule(ruleKey, {})];
    expect([ruleKey, dueAt]).toEqual([ruleKey, new Date(Date.parse(heldFrom) + days * DAY_MS).toISOString()]);
  }
});

test("an account that was closed is no gap from that day on", async () => {
  const closed = complianceOf(estate).find(({ to }) => to !== null && to < NOW);
  if (!closed?.to) throw new Error("The estate has closed no account.");
  const gaps = await readGaps(instance.database.pool, { from: closed.to, to: NOW });
  expect(gaps.filter(({ part }) => part === closed.account.id)).toEqual([]);
});

test("the rule that was added in the middle of the history has no results before", async () => {
  const { rows } = await instance.database.pool.query<{ first: Date }>(
    `SELECT min(e.valid_from) AS first FROM evaluation e JOIN posture_cell c ON c.id = e.cell_id JOIN posture_rule r ON r.id = c.rule_id
     WHERE r.rule_key = $1`,
    [COMPLIANCE_PLANTS.lateRule],
  );
  const late = complianceOf(estate)
    .flatMap(({ rules }) => rules)
    .find(({ rule }) => rule.identifier === COMPLIANCE_PLANTS.lateRule);
  expect(rows[0]?.first.toISOString().slice(0, 10)).toBe(late?.rule.from);
});

test("what the source reads from the server is what was seeded: a look at an account changes nothing", async () => {
  const before = await stored(NOW);
  const { account } = complianceOf(estate).find((one) => one.account.name === "claims-intake-prod") ?? {};
  const [run] = await instance.pull(CONFIG_SOURCE.key, account?.id);
  expect(run).toMatchObject({ state: "succeeded", error: null });
  expect(await stored(NOW)).toEqual(before);
  const { rows } = await instance.database.pool.query(
    "SELECT after FROM activity WHERE action = 'evaluations.published' AND subject = $1 ORDER BY id DESC LIMIT 1",
    [`${CONFIG_SOURCE.key} ${account?.id}`],
  );
  expect(rows).toEqual([{ after: expect.objectContaining({ began: 0, ended: 0, restated: 0 }) }]);
});

test("an account that refuses the aggregator passes nothing from then on, whether seeded or read", async () => {
  const refusing = complianceOf(estate).find(({ refusedFrom }) => refusedFrom !== null);
  const open = () =>
    instance.database.pool.query<{ verdict: string; count: number }>(
      `SELECT e.verdict, count(*)::int AS count FROM evaluation e JOIN posture_cell c ON c.id = e.cell_id
       WHERE c.part = $1 AND e.valid_to IS NULL AND e.retired_at IS NULL GROUP BY 1`,
      [refusing?.account.id],
    );
  const seeded = (await open()).rows;
  expect(seeded.map(({ verdict }) => verdict)).toEqual(["unknown"]);
  const [run] = await instance.pull(CONFIG_SOURCE.key, refusing?.account.id);
  expect(run).toMatchObject({ state: "succeeded", error: null });
  expect((await open()).rows).toEqual(seeded);
});

test("nothing is asked of accounts that were read since the source was due, and the one without AWS Config fails its look", async () => {
  const off = complianceOf(estate).find(({ isOn }) => !isOn);
  const runs = await instance.pull(CONFIG_SOURCE.key);
  expect(runs.map(({ period, state, error }) => [period, state, error?.code])).toEqual([
    [off?.account.id, "failed", "switched_off"],
  ]);
  const { rows } = await instance.database.pool.query(
    "SELECT outcome, error FROM evaluation_look WHERE part = $1 ORDER BY id DESC LIMIT 1",
    [off?.account.id],
  );
  expect(rows[0]).toMatchObject({ outcome: "failed", error: { code: "switched_off" } });
  // That is a verdict of Bursar's own rule about the account, where a refused look would be none.
  await instance.database.transact(({ sql }) =>
    judgeAccounts(instance.context(), sql, { sourceKey: "organisation", at: new Date(), goodForMs: DAY_MS }),
  );
  const judged = await instance.database.pool.query(
    `SELECT c.account_id FROM evaluation e JOIN posture_cell c ON c.id = e.cell_id JOIN posture_rule r ON r.id = c.rule_id
     WHERE r.rule_key = 'account-has-config' AND e.verdict = 'fail' AND e.valid_to IS NULL AND e.retired_at IS NULL`,
  );
  expect(judged.rows).toEqual([{ account_id: off?.account.id }]);
});

test("seeding again looks at nothing again", async () => {
  const looks = () => instance.database.pool.query("SELECT count(*)::int AS looks FROM evaluation_look");
  const before = await looks();
  await seedCompliance({ database: instance.database, estate, now: NOW });
  expect((await looks()).rows).toEqual(before.rows);
});

test("an account that has left is no gap any more, as soon as a whole list lacks it, and what was said of it stays", async () => {
  const { pool } = instance.database;
  const { accounts } = estate.awsOrganization;
  const { account } = complianceOf(estate).find((one) => one.account.name === "claims-intake-prod") ?? {};
  const place = accounts.findIndex(({ id }) => id === account?.id);
  const past = await stored(NOW);
  await pool.query("UPDATE evaluation_part SET good_until = $2 WHERE part = $1", [account?.id, NOW]);
  const isGap = async () =>
    (await readGaps(pool, { from: NOW, to: new Date() })).some(({ part, to }) => part === account?.id && to === null);
  const look = async () => (await instance.pull("organisation", "all")).map(({ state, error }) => error?.code ?? state);
  const [left] = accounts.splice(place, 1);
  if (!left) throw new Error("The account is no member.");
  try {
    aws.server.faults.denyAction("organizations:ListAccounts");
    expect(await look()).toEqual(["denied"]);
    aws.server.faults.clear();
    expect(await isGap()).toBe(true);
    expect(await look()).toEqual(["succeeded"]);
    expect(await isGap()).toBe(false);
    expect(await stored(NOW)).toEqual(past);
    const { rows } = await pool.query(
      `SELECT DISTINCT e.verdict, e.note FROM evaluation e JOIN posture_cell c ON c.id = e.cell_id
       WHERE c.source_key = $1 AND c.part = $2 AND e.valid_to IS NULL AND e.retired_at IS NULL`,
      [CONFIG_SOURCE.key, account?.id],
    );
    expect(rows).toEqual([{ verdict: "not_applicable", note: "The account has left its organisation." }]);
  } finally {
    accounts.splice(place, 0, left);
  }
});
