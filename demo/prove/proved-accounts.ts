import { readFile, writeFile } from "node:fs/promises";
import { isMap, parseDocument } from "yaml";
import { complianceOf, correctPast, isRefused, isThere, type ConfigAccount } from "#demo/estate/compliance.ts";
import type { Estate } from "#demo/estate/estate.ts";
import { CONFIG_SOURCE, configSourceOf } from "#demo/exports/bursar-config.ts";
import type { ProvedEstate } from "#demo/prove/proved-estate.ts";
import { loadConfig } from "#lib/config.ts";
import { isRuleMeant } from "#lib/domain/posture/framework.ts";
import { findFramework } from "#lib/services/frameworks/find-framework.ts";
import { planSource } from "#lib/services/sources/plan-source.ts";
import { pullSlice } from "#lib/services/sources/pull-slice.ts";
import { syncSources } from "#lib/services/sources/sync-sources.ts";

/** Accounts that proofs read through AWS Config: all of them would take longer than everything else. */
const READ_ACCOUNTS = 8;
/** Of the passes that AWS Config tells of these, every so many was none. */
const CORRECTED_EVERY = 20;

/** Reads what AWS Config says of some accounts, as it is now, through the product's source. */
export async function readAccounts({ estate, context }: ProvedEstate): Promise<void> {
  const { file } = loadConfig();
  if (file === null) throw new Error("The proved estate has no configuration.");
  const document = parseDocument(await readFile(file, "utf8"));
  // One role reads the whole organisation.
  const organisation = document.getIn(["sources", "aws-organisation"]);
  if (!isMap(organisation)) throw new Error("The proved estate has no organisation.");
  document.setIn(["sources", CONFIG_SOURCE.key], configSourceOf(organisation.toJSON() as object));
  await writeFile(file, document.toString());
  await syncSources(context());
  const sourceKey = CONFIG_SOURCE.key;
  for (const { account } of readable(estate, new Date())) {
    const asked = { sourceKey, period: account.id, logicalTime: new Date(), force: true };
    const { runIds } = await planSource(context(), { ...asked, trigger: "command-line" });
    for (const runId of runIds) await pullSlice(context(), { runId, sourceKey, period: account.id });
  }
}

/**
 * AWS Config says of the past what it did not say before: some of what it told passed has failed as long. The same accounts are read again.
 *
 * @returns how many evaluations were corrected, and of how many Bursar has taken back what it knew at `at`.
 */
export async function correctAccounts(
  proved: ProvedEstate,
  frameworkId: string,
  at: Date,
): Promise<{ planted: number; takenBack: number }> {
  const named = findFramework(frameworkId).controls.flatMap(({ rules }) => rules);
  const evaluations = readable(proved.estate, at)
    .flatMap((account) => account.evaluations)
    .filter(({ rule }) => named.some((name) => isRuleMeant(name, rule.identifier)));
  const planted = correctPast(evaluations, at, CORRECTED_EVERY);
  await readAccounts(proved);
  const { rows } = await proved.database.pool.query<{ n: number }>(
    `SELECT count(DISTINCT (c.rule_id, e.resource_id))::int AS n FROM evaluation e JOIN posture_cell c ON c.id = e.cell_id
     WHERE c.grain = 'full' AND c.source_key = $1 AND e.verdict = 'pass' AND e.retired_at > $2 AND EXISTS (
       SELECT FROM evaluation other JOIN posture_cell o ON o.id = other.cell_id
       WHERE other.resource_id = e.resource_id AND o.rule_id = c.rule_id AND o.source_key = c.source_key AND o.grain = 'full'
         AND other.verdict = 'fail' AND other.valid_from = e.valid_from AND other.recorded_at > $2 AND other.retired_at IS NULL)`,
    [CONFIG_SOURCE.key, at],
  );
  return { planted, takenBack: rows[0]?.n ?? 0 };
}

/** Accounts that AWS Config tells of at an instant. */
function readable(estate: Estate, at: Date): ConfigAccount[] {
  return complianceOf(estate)
    .filter((account) => account.isOn && isThere(account, at) && !isRefused(account, at))
    .slice(0, READ_ACCOUNTS);
}
