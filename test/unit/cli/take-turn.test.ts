import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { takeTurn } from "#cli/take-turn.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bursar-turn-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("a second one waits until the first has given its turn back", async () => {
  const file = join(folder, "cache", "turn.pid");
  const release = await takeTurn(file);
  const order: string[] = [];
  const second = takeTurn(file).then((releaseSecond) => {
    order.push("second");
    return releaseSecond;
  });
  await Promise.race([second, new Promise((resolve) => setImmediate(resolve))]);
  order.push("first gives back");
  release();
  (await second)();
  expect(order).toEqual(["first gives back", "second"]);
  expect(existsSync(file)).toBe(false);
});

test("who is told to stop does not wait any longer", async () => {
  const file = join(folder, "turn.pid");
  const release = await takeTurn(file);
  const stopped = new AbortController();
  const waiting = takeTurn(file, stopped.signal);
  stopped.abort();
  await expect(waiting).rejects.toThrow(/aborted/);
  release();
});

test("the turn of a process that was killed is nobody's", async () => {
  const file = join(folder, "turn.pid");
  const ended = spawnSync(process.execPath, ["-e", "process.stdout.write(String(process.pid))"], { encoding: "utf8" });
  writeFileSync(file, ended.stdout);
  (await takeTurn(file))();
  expect(existsSync(file)).toBe(false);
});
