import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "#test/integration/db/database.ts";

let own: TestDatabase;
beforeAll(async () => {
  own = await createTestDatabase();
  await own.database.pool.query("CREATE TABLE note (id int)");
});
afterAll(() => own.drop());

const count = async () => Number((await own.database.pool.query("SELECT count(*) AS n FROM note")).rows[0].n);

test("figures, big integers and days come back as they are stored", async () => {
  const { rows } = await own.database.pool.query(
    "SELECT 1.10::numeric AS n, 12345678901234567::bigint AS b, DATE '2026-03-01' AS d, ARRAY[DATE '2026-03-01'] AS ds, ARRAY[0.1::numeric, NULL] AS ns",
  );
  expect(rows[0]).toEqual({
    n: "1.10",
    b: "12345678901234567",
    d: "2026-03-01",
    ds: ["2026-03-01"],
    ns: ["0.1", null],
  });
});

test("Prisma and SQL of one transaction are one connection, also with many at once", async () => {
  const pairs = await Promise.all(
    Array.from({ length: 20 }, () =>
      own.database.transact(async ({ prisma, sql }) => {
        const viaPrisma = await prisma.$queryRaw<{ x: bigint }[]>`SELECT txid_current() AS x`;
        const viaSql = await sql.query("SELECT txid_current() AS x");
        return [String(viaPrisma[0]?.x), viaSql.rows[0].x];
      }),
    ),
  );
  for (const [viaPrisma, viaSql] of pairs) expect(viaPrisma).toBe(viaSql);
  expect(new Set(pairs.map(([id]) => id)).size).toBe(20);
});

test("what was written through both is rolled back together", async () => {
  const failed = own.database.transact(async ({ prisma, sql }) => {
    await sql.query("INSERT INTO note VALUES (1)");
    await prisma.instanceSetting.create({ data: { name: "never", value: 1 } });
    throw new Error("on purpose");
  });
  await expect(failed).rejects.toThrow("on purpose");
  expect(await count()).toBe(0);
  expect(await own.database.prisma.instanceSetting.count({ where: { name: "never" } })).toBe(0);
});

test("nothing is seen outside before the commit", async () => {
  await own.database.transact(async ({ sql }) => {
    await sql.query("INSERT INTO note VALUES (2)");
    expect(await count()).toBe(0);
  });
  expect(await count()).toBe(1);
});

test("a transaction that takes too long writes nothing, whatever its work still tries", async () => {
  const tooLong = own.database.transact(
    async ({ sql }) => {
      await sql.query("INSERT INTO note VALUES (3)");
      await sql.query("SELECT pg_sleep(30)").catch(() => undefined);
      await sql.query("INSERT INTO note VALUES (4)").catch(() => undefined);
    },
    { timeoutMs: 200 },
  );
  await expect(tooLong).rejects.toMatchObject({ code: "limit_reached" });
  expect(await count()).toBe(1);
});
