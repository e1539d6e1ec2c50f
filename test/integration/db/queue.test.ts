import { afterAll, beforeAll, expect, test } from "vitest";
import { prepareQueue, enqueue } from "#lib/services/runs/queue.ts";
import { createTestDatabase, type TestDatabase } from "#test/integration/db/database.ts";

let own: TestDatabase;
beforeAll(async () => {
  own = await createTestDatabase();
});
afterAll(() => own.drop());

const waiting = async () =>
  (await own.database.pool.query("SELECT name FROM pgboss.job WHERE state = 'created'")).rows.length;
const plan = (sourceKey: string) => ({ sourceKey, trigger: "person" as const, logicalTime: "2026-03-01T00:00:00Z" });

test("the queue can be prepared by many starters at once", async () => {
  await Promise.all([prepareQueue(own.database), prepareQueue(own.database), prepareQueue(own.database)]);
  expect((await own.database.pool.query("SELECT name FROM pgboss.queue WHERE name = 'pull-slice'")).rows).toHaveLength(
    1,
  );
});

test("a job is there when its transaction commits, and not before", async () => {
  await own.database.transact(async (transaction) => {
    expect(await enqueue(transaction, "plan-source", plan("a"))).not.toBeNull();
    expect(await waiting()).toBe(0);
  });
  expect(await waiting()).toBe(1);
});

test("a job of a transaction that is rolled back was never queued", async () => {
  const failed = own.database.transact(async (transaction) => {
    await enqueue(transaction, "plan-source", plan("b"), { singletonKey: "b" });
    throw new Error("on purpose");
  });
  await expect(failed).rejects.toThrow("on purpose");
  expect(await waiting()).toBe(1);
});

test("eight triggers at once of one key queue one job", async () => {
  const ids = await Promise.all(
    Array.from({ length: 8 }, () =>
      own.database.transact((transaction) => enqueue(transaction, "plan-source", plan("c"), { singletonKey: "c" })),
    ),
  );
  expect(ids.filter((id) => id !== null)).toHaveLength(1);
});
