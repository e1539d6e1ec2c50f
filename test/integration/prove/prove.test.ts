import { expect, test } from "vitest";
import { proveBalance } from "#demo/prove/balance.ts";
import { proveHoles } from "#demo/prove/holes.ts";
import { holds } from "#demo/prove/measure.ts";
import { proveOwners } from "#demo/prove/owners.ts";
import { withProvedEstate, type ProvedEstate } from "#demo/prove/proved-estate.ts";
import { proveRestatement } from "#demo/prove/restatement.ts";

const RELATIONS = ["cost_day", "cost_month", "cost_day_account", "cost_day_service"];
/** The smallest amount that is kept. */
const SMALLEST = "0.000000000001";
const SEED = "prove";
/** Sources of cost that count; what is only compared with them is for the proof of Cost Explorer. */
const COUNTED = ["aws-billing", "azure", "gcp"];

test(
  "the proofs hold over a small estate, and that of balance fails where one row of any roll-up is off by the last decimal",
  { timeout: 600_000 },
  async () => {
    const before = { home: process.env["BURSAR_HOME"], config: process.env["BURSAR_CONFIG"] };
    await withProvedEstate(
      { months: 4, scale: 0.1 },
      () => undefined,
      async (estate) => {
        const balance = await proveBalance(estate);
        expect(balance.length).toBeGreaterThan(100);
        expect(balance.filter((measure) => !holds(measure))).toEqual([]);
        const others = [...(await proveRestatement(estate)), ...(await proveHoles(estate))];
        expect(others.length).toBeGreaterThan(10);
        expect(others.filter((measure) => !holds(measure))).toEqual([]);

        for (const relation of RELATIONS) {
          const putBack = await corruptOneRow(estate, relation);
          const broken = (await proveBalance(estate)).filter((measure) => !holds(measure));
          expect(broken.map(({ measure }) => measure).join("\n")).toContain(`billed: ${relation}`);
          await putBack();
        }
        expect((await proveBalance(estate)).filter((measure) => !holds(measure))).toEqual([]);

        // The whole estate, with its organisation and its cost.
        const owners = await proveOwners(estate);
        expect(owners.filter((measure) => !holds(measure))).toEqual([]);
        expect(owners.length).toBeGreaterThan(15);
      },
    );
    expect(before).toEqual({ home: process.env["BURSAR_HOME"], config: process.env["BURSAR_CONFIG"] });
  },
);

/** Adds the smallest amount to one row that is always the same for a seed; answers how to undo it. */
async function corruptOneRow({ database }: ProvedEstate, relation: string): Promise<() => Promise<void>> {
  const changed = await database.pool.query<{ place: string }>(
    `UPDATE ${relation} SET billed = billed + ${SMALLEST}
     WHERE ctid = (SELECT ctid FROM ${relation} WHERE slice_id IN (SELECT id FROM slice WHERE source_key = ANY($2))
       ORDER BY md5(ctid::text || $1) LIMIT 1) RETURNING ctid::text AS place`,
    [SEED, COUNTED],
  );
  expect(changed.rowCount).toBe(1);
  return async () => {
    const restored = await database.pool.query(
      `UPDATE ${relation} SET billed = billed - ${SMALLEST} WHERE ctid = $1::tid`,
      [changed.rows[0]?.place],
    );
    expect(restored.rowCount).toBe(1);
  };
}
