import { afterAll, beforeAll, expect, test } from "vitest";
import { askInEachGrain, withHistory } from "#demo/prove/as-of.ts";
import { holds } from "#demo/prove/measure.ts";
import { createTestDatabase, type TestDatabase } from "#test/integration/db/database.ts";

let own: TestDatabase;
beforeAll(async () => {
  own = await createTestDatabase();
});
afterAll(() => own?.drop());

/** One row that is wrong: a verdict that was taken back later, a number of the roll-up, an owner. */
const SPOILS = [
  `UPDATE evaluation SET verdict = CASE verdict WHEN 'pass' THEN 'fail' ELSE 'pass' END WHERE id =
     (SELECT id FROM evaluation WHERE retired_at IS NOT NULL ORDER BY retired_at - recorded_at DESC, id LIMIT 1)`,
  "UPDATE posture_change SET fail = fail + 1 WHERE id = (SELECT id FROM posture_change WHERE grain = 'team' ORDER BY at, id LIMIT 1)",
  "UPDATE posture_change SET fail = fail + 1 WHERE id = (SELECT id FROM posture_change WHERE grain = 'full' ORDER BY at, id LIMIT 1)",
  `UPDATE evaluation SET cell_id = (SELECT id FROM posture_cell WHERE grain = 'full' AND team_key = 'blue' ORDER BY id LIMIT 1) WHERE id =
     (SELECT e.id FROM evaluation e JOIN posture_cell c ON c.id = e.cell_id WHERE c.team_key <> 'blue' AND retired_at IS NULL
      ORDER BY valid_to - valid_from DESC NULLS LAST, e.id LIMIT 1)`,
];

test(
  "a random history is answered as the oracle answers it, and one row that is wrong is seen",
  { timeout: 300_000 },
  async () => {
    const { pool } = own.database;
    await withHistory(own.database, { events: 40, resources: 5 }, async (history) => {
      const { rows } = await pool.query(
        `SELECT count(*) FILTER (WHERE retired_at IS NOT NULL) > 5 AS restates, count(DISTINCT cell_id) > 20 AS moves,
           (SELECT count(*) FROM evaluation_gap) > 2 AS gaps, (SELECT count(DISTINCT starts_at) FROM posture_month) > 0 AS months FROM evaluation`,
      );
      expect(rows).toEqual([{ restates: true, moves: true, gaps: true, months: true }]);
      const ask = () => askInEachGrain(own.database, history, 16);
      const measures = await ask();
      expect(measures).toHaveLength(14);
      expect(measures.filter((measure) => !holds(measure))).toEqual([]);
      await pool.query("CREATE TABLE kept_evaluation AS TABLE evaluation");
      await pool.query("CREATE TABLE kept_change AS TABLE posture_change");
      for (const spoil of SPOILS) {
        expect((await pool.query(spoil)).rowCount).toBe(1);
        const broken = (await ask()).filter((measure) => !holds(measure));
        expect(broken.length).toBeGreaterThan(0);
        await pool.query(
          "UPDATE evaluation e SET verdict = k.verdict, cell_id = k.cell_id FROM kept_evaluation k WHERE k.id = e.id",
        );
        await pool.query("UPDATE posture_change c SET fail = k.fail FROM kept_change k WHERE k.id = c.id");
      }
    });
  },
);
