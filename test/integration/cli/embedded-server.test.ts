import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openDatabase } from "#lib/db/client.ts";
import { startEmbeddedServer } from "#lib/db/embedded.ts";
import { makeFolder, runBursar } from "#test/integration/cli/run-bursar.ts";

let folder: ReturnType<typeof makeFolder>;
beforeEach(() => {
  folder = makeFolder();
});
afterEach(() => folder.remove());

test("keeps its data over a stop and a start, on the same port", async () => {
  const first = await startEmbeddedServer(folder.path);
  const before = openDatabase(first.url);
  await before.pool.query("CREATE TABLE kept (id int)");
  await before.close();
  await first.stop();
  const second = await startEmbeddedServer(folder.path);
  expect(second.url).toBe(first.url);
  const after = openDatabase(second.url);
  expect((await after.pool.query("SELECT count(*) AS n FROM kept")).rows).toEqual([{ n: "0" }]);
  await after.close();
  await second.stop();
});

test("the password is kept in a file for its owner only, and the data folder is closed", async () => {
  const server = await startEmbeddedServer(folder.path);
  expect(statSync(join(folder.path, "postgres.json")).mode & 0o777).toBe(0o600);
  expect(statSync(join(folder.path, "postgres")).mode & 0o777).toBe(0o700);
  await server.stop();
});

test("two starts at once share one server, and the last to leave stops it", async () => {
  const [one, two] = await Promise.all([startEmbeddedServer(folder.path), startEmbeddedServer(folder.path)]);
  expect(one.url).toBe(two.url);
  expect([one.ended, two.ended].filter((ended) => ended === null)).toHaveLength(1);
  const user = openDatabase(two.url);
  await user.pool.query("SELECT 1");
  await one.stop();
  expect((await user.pool.query("SELECT 1 AS still")).rows).toEqual([{ still: 1 }]);
  await user.close();
  await two.stop();
  expect(existsSync(join(folder.path, "postgres", "postmaster.pid"))).toBe(false);
});

test("a server that was killed is started again, whatever its pid file says", async () => {
  const server = await startEmbeddedServer(folder.path);
  const pidFile = join(folder.path, "postgres", "postmaster.pid");
  const notes = readFileSync(pidFile, "utf8");
  process.kill(Number(notes.split("\n")[0]), "SIGKILL");
  await server.ended;
  // The pid may belong to another program by now.
  writeFileSync(pidFile, notes.replace(/^\d+/, String(process.pid)));
  const again = await startEmbeddedServer(folder.path);
  expect(again.ended).not.toBeNull();
  await again.stop();
});

test("commands leave no server behind", async () => {
  const { code, stdout } = await runBursar(["runs", "--json"], { cwd: folder.path });
  expect(JSON.parse(stdout)).toEqual({ runs: [] });
  expect(code).toBe(0);
  expect(existsSync(join(folder.path, ".bursar", "postgres", "postmaster.pid"))).toBe(false);
});
