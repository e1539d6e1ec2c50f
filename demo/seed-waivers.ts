import { COMPLIANCE_PLANTS } from "#demo/estate/compliance-rules.ts";
import { mailOf } from "#demo/estate/people.ts";
import type { Actor } from "#lib/access/actor.ts";
import type { Database } from "#lib/db/client.ts";
import { decideWaiver } from "#lib/services/waivers/decide-waiver.ts";
import { requestWaiver } from "#lib/services/waivers/request-waiver.ts";

const DAY_MS = 86_400_000;

const PLATFORM: Actor = { id: mailOf("Tom Ruhland"), name: "Tom Ruhland", role: "platform", teamKey: null };
const FINANCE: Actor = { id: mailOf("Jan Fennhoff"), name: "Jan Fennhoff", role: "finance", teamKey: null };

/** An accepted risk that has expired, one that is about to end, and one that waits for a decision; each of the first rule that is reported. */
const WAIVERS = [
  {
    ruleKeys: [COMPLIANCE_PLANTS.lateRule, "namespace-default-deny"],
    scope: { kind: "all", key: "" },
    reason: "Images with the older metadata service are replaced by the end of the quarter",
    requestedDaysAgo: 100,
    endsInDays: -12,
    note: "Agreed for the rollout, no longer",
  },
  {
    ruleKeys: ["ENCRYPTED_VOLUMES", "namespace-quota-and-limits"],
    scope: { kind: "team", key: "motor-claims" },
    reason: "Volumes of the old claims platform are archived with it",
    requestedDaysAgo: 70,
    endsInDays: 14,
    note: "Archive is planned before the end",
  },
  {
    ruleKeys: [`aws-config:${COMPLIANCE_PLANTS.ownRule}`, "namespace-owner-known"],
    scope: { kind: "all", key: "" },
    reason: "Owners' tags come with the new bucket module",
    requestedDaysAgo: 2,
    endsInDays: 60,
    note: null,
  },
] as const;

/** Puts the demo's waivers where there are none, through the services, each step at its time. Rules that no source reports are left out. */
export async function seedWaivers(database: Database, now: Date): Promise<void> {
  const { rows } = await database.pool.query("SELECT 1 FROM waiver LIMIT 1");
  if (rows.length > 0) return;
  const reported = await database.pool.query<{ rule_key: string }>("SELECT DISTINCT rule_key FROM compliance_rule");
  const known = new Set(reported.rows.map((row) => row.rule_key));
  for (const { requestedDaysAgo, endsInDays, note, ruleKeys, scope, reason } of WAIVERS) {
    const ruleKey = ruleKeys.find((key) => known.has(key));
    if (ruleKey === undefined) continue;
    const requestedAt = new Date(now.getTime() - requestedDaysAgo * DAY_MS);
    const endsAt = new Date(now.getTime() + endsInDays * DAY_MS).toISOString();
    const { id } = await requestWaiver(
      { actor: PLATFORM, database, now: requestedAt },
      { ruleKey, scope, reason, endsAt },
    );
    if (note === null) continue;
    const decidedAt = new Date(requestedAt.getTime() + DAY_MS);
    await decideWaiver({ actor: FINANCE, database, now: decidedAt }, { id, decision: "approved", note });
  }
}
