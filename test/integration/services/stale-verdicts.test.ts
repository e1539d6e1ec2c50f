import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { SYSTEM_ACTOR } from "#lib/access/actor.ts";
import { AppError } from "#lib/errors.ts";
import { noteFailedLook } from "#lib/services/evaluations/note-failed-look.ts";
import { judgeAccounts } from "#lib/services/policies/judge-accounts.ts";
import { judgeEverybody } from "#lib/services/policies/judge-everybody.ts";
import { createInstance, type TestInstance } from "#test/integration/instance.ts";
import { HOUR_MS, june, publish } from "./evaluations-workshop.ts";

const [ONE, TWO] = ["111122223333", "222233334444"] as const;
const TRAIL = "CLOUD_TRAIL_ENABLED";
const MFA = "IAM_USER_MFA_ENABLED";
let instance: TestInstance;

beforeAll(async () => {
  const access = { kubeconfig: "./kubeconfig", account: ONE };
  instance = await createInstance({
    sources: {
      config: { kind: "aws-config", accounts: [ONE, TWO], accountRole: "bursar", regions: ["eu-central-1"] },
      clusters: { kind: "kubernetes", clusters: [{ key: "tools", ...access }] },
    },
  });
  await instance.database.pool.query(
    `INSERT INTO cloud_account (source_key, provider, account_id, name, mail, state, unit_id, is_management, seen_from)
     SELECT 'organisation', 'AWS', id, id, '', 'ACTIVE', 'r', false, '2026-06-01' FROM unnest($1::text[]) id`,
    [[ONE, TWO]],
  );
  await instance.database.pool.query(
    `INSERT INTO person (mail, name, team_key, manager_mail, active_to, source_key)
     VALUES ('one@example.com', 'one', '', '', NULL, 'directory'), ('two@example.com', 'two', '', '', NULL, 'directory'),
            ('gone@example.com', 'gone', '', '', '2026-05-01', 'directory')`,
  );
}, 120_000);
beforeEach(() =>
  instance.database.pool.query(
    "TRUNCATE evaluation, evaluation_look, evaluation_part, evaluation_gap, posture_cell, posture_change, posture_month, compliance_rule, compliance_resource, cluster_look",
  ),
);
afterAll(() => instance?.remove());

/** Judges accounts and people at an instant. What is said of each by one check: its name → verdict. */
async function judged(at: Date, ruleKey: string): Promise<Record<string, string>> {
  const context = { ...instance.context(SYSTEM_ACTOR), now: at };
  await instance.database.transact(({ sql }) =>
    judgeAccounts(context, sql, { sourceKey: "organisation", at, goodForMs: HOUR_MS }),
  );
  await judgeEverybody(context);
  const { rows } = await instance.database.pool.query<{ name: string; verdict: string }>(
    `SELECT r.name, e.verdict FROM evaluation e JOIN posture_cell c ON c.id = e.cell_id JOIN posture_rule p ON p.id = c.rule_id
     JOIN compliance_resource r ON r.id = e.resource_id
     WHERE c.grain = 'full' AND c.source_key = 'policies' AND p.rule_key = $1 AND e.valid_to IS NULL AND e.retired_at IS NULL`,
    [ruleKey],
  );
  return Object.fromEntries(rows.map(({ name, verdict }) => [name, verdict]));
}

function fail(part: string, at: Date, code: "denied" | "switched_off" = "denied"): Promise<void> {
  return noteFailedLook(instance.database.pool, { sourceKey: "config", part, at, error: new AppError(code, "No.") });
}

function lookAtCluster(at: Date, outcome = "complete"): Promise<unknown> {
  return instance.database.pool.query(
    "INSERT INTO cluster_look (source_key, cluster_key, at, outcome) VALUES ('clusters', 'tools', $1, $2)",
    [at, outcome],
  );
}

test("whether accounts have a trail is unknown from when the last look at AWS Config speaks no more", async () => {
  await publish(instance, june("01T10"), [{ rule: TRAIL, resource: ONE, account: ONE, verdict: "pass" }], {
    part: ONE,
  });
  await publish(instance, june("01T10"), [{ rule: TRAIL, resource: TWO, account: TWO, verdict: "fail" }], {
    part: TWO,
  });
  expect(await judged(june("02T09"), "account-has-trail")).toEqual({ [ONE]: "pass", [TWO]: "fail" });
  for (const part of [ONE, TWO]) await fail(part, june("02T10"));
  expect(await judged(june("02T10"), "account-has-trail")).toEqual({ [ONE]: "unknown", [TWO]: "unknown" });
  await publish(instance, june("20T10"), [{ rule: TRAIL, resource: ONE, account: ONE, verdict: "pass" }], {
    part: ONE,
  });
  expect(await judged(june("20T11"), "account-has-trail")).toEqual({ [ONE]: "pass", [TWO]: "unknown" });
});

test("a second rule on trails that is still known counts, and one that is not cannot be outvoted", async () => {
  const rules = [TRAIL, "MULTI_REGION_CLOUD_TRAIL_ENABLED"] as const;
  const say = (rule: string, account: string, verdict: "pass" | "fail", goodForMs: number) =>
    publish(instance, june("01T10"), [{ rule, resource: account, account, verdict }], {
      part: `${account} ${rule}`,
      goodForMs,
    });
  await say(rules[0], ONE, "fail", HOUR_MS);
  await say(rules[1], ONE, "pass", 48 * HOUR_MS);
  await say(rules[0], TWO, "pass", HOUR_MS);
  await say(rules[1], TWO, "fail", 48 * HOUR_MS);
  expect(await judged(june("02T09"), "account-has-trail")).toEqual({ [ONE]: "pass", [TWO]: "unknown" });
});

test("that AWS Config is off is known as long as a look of its source speaks", async () => {
  await fail(ONE, june("01T10"), "switched_off");
  expect(await judged(june("01T20"), "account-has-config")).toEqual({ [ONE]: "fail", [TWO]: "unknown" });
  expect(await judged(june("20T10"), "account-has-config")).toEqual({ [ONE]: "unknown", [TWO]: "unknown" });
});

test("who has a second factor is unknown where a look speaks no more, unless another one finds a user without", async () => {
  const say = (account: string, at: Date, verdicts: Record<string, "pass" | "fail">) =>
    publish(
      instance,
      at,
      Object.entries(verdicts).map(([name, verdict]) => ({ rule: MFA, resource: name, account, verdict })),
      { part: account },
    );
  await say(ONE, june("01T10"), { one: "pass", two: "pass" });
  expect(await judged(june("02T09"), "user-has-mfa")).toMatchObject({ one: "pass", two: "pass" });
  await fail(ONE, june("02T10"));
  expect(await judged(june("02T10"), "user-has-mfa")).toMatchObject({ one: "unknown", two: "unknown" });
  await publish(
    instance,
    june("20T10"),
    [
      { rule: MFA, resource: "one", account: TWO, verdict: "pass" },
      { rule: MFA, resource: "two", account: TWO, verdict: "fail" },
    ],
    { part: TWO },
  );
  expect(await judged(june("20T11"), "user-has-mfa")).toMatchObject({ one: "unknown", two: "fail" });
});

test("leavers have no access only by what was seen of every cluster lately", async () => {
  const gone = async (at: Date) => (await judged(at, "leaver-has-no-access"))["gone"];
  expect(await gone(june("01T09"))).toBe("unknown");
  await lookAtCluster(june("01T10"));
  expect(await gone(june("01T11"))).toBe("pass");
  expect(await gone(june("28T11"))).toBe("unknown");
  await lookAtCluster(june("28T12"));
  expect(await gone(june("28T13"))).toBe("pass");
  await lookAtCluster(june("28T13"), "failed");
  expect(await gone(june("28T14"))).toBe("unknown");
});
