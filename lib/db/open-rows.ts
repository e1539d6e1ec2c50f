import type { SqlExecutor } from "#lib/db/activity.ts";

/** Rows of a statement in its order, of which only some are in memory. */
export type OpenRows<Row> = {
  /** Hands over the next rows, up to the first that is not wanted, which waits for the next call. */
  each(isWanted: (row: Row) => boolean, take: (row: Row) => void): Promise<void>;
  close(): Promise<void>;
};

const ROWS_AT_ONCE = 5_000;

/** Opens the rows of a statement in the caller's transaction. `name`: of the cursor, of which the transaction has no other. */
export async function openRows<Row>(sql: SqlExecutor, name: string, text: string): Promise<OpenRows<Row>> {
  await sql.query(`DECLARE ${name} NO SCROLL CURSOR FOR ${text}`);
  let rows: Row[] = [];
  let [at, isEnded] = [0, false];
  const fetch = async () => {
    rows = (await sql.query(`FETCH ${ROWS_AT_ONCE} FROM ${name}`)).rows as Row[];
    at = 0;
    isEnded = rows.length < ROWS_AT_ONCE;
  };
  return {
    async each(isWanted, take) {
      for (;;) {
        for (; at < rows.length; at++) {
          const row = rows[at] as Row;
          if (!isWanted(row)) return;
          take(row);
        }
        // A cursor ends: each fetch takes rows that there are, and the first one that is not full is the last.
        if (isEnded) return;
        await fetch();
      }
    },
    async close() {
      await sql.query(`CLOSE ${name}`);
    },
  };
}
