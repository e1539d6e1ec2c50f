import { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeEach, expect, test } from "vitest";
import { planEventFiles } from "#lib/sources/event-files/event-file-source.ts";
import { listEventFiles } from "#lib/sources/event-files/list-event-files.ts";
import { readEventFiles, type EventFilesCursor, type FileRecord } from "#lib/sources/event-files/read-event-files.ts";

const root = mkdtempSync(join(tmpdir(), "bursar-event-files-"));
let folder = root;
let cursor: EventFilesCursor | null = null;
let count = 0;

beforeEach(() => {
  folder = join(root, String((count += 1)));
  mkdirSync(folder);
  cursor = null;
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const NOW = new Date();
const path = (name: string) => join(folder, name);
const lineOf = (n: number) => `{"id":${n},"text":"ü"}\n`;

/** What a look finds beyond the one before. */
async function look(pattern = folder, now = NOW): Promise<FileRecord[]> {
  const options = { listKey: "value", cursor, signal: new AbortController().signal };
  const found: FileRecord[] = [];
  for await (const batch of readEventFiles(await listEventFiles(pattern, now), options)) {
    found.push(...batch.records);
    cursor = batch.cursor;
  }
  return found;
}
const idsOf = (records: FileRecord[]) => records.map(({ text }) => (JSON.parse(text) as { id: number }).id);

test("lines are read from where they were left, through rotation and packing", async () => {
  writeFileSync(path("audit.log"), lineOf(1) + lineOf(2));
  expect(idsOf(await look())).toEqual([1, 2]);
  expect(await look()).toEqual([]);
  appendFileSync(path("audit.log"), lineOf(3));
  renameSync(path("audit.log"), path("audit-1.log"));
  writeFileSync(path("audit.log"), lineOf(4));
  expect(idsOf(await look())).toEqual([3, 4]);
  writeFileSync(path("audit-1.log.gz"), gzipSync(lineOf(1) + lineOf(2) + lineOf(3) + lineOf(5)));
  rmSync(path("audit-1.log"));
  expect(idsOf(await look())).toEqual([5]);
  expect(Object.keys(cursor?.files ?? {})).toHaveLength(2);
});

test("a line that is still being written is left for the next look, and kept as cut where nobody goes on", async () => {
  writeFileSync(path("audit.log"), `${lineOf(1)}{"id":2,"te`);
  expect(idsOf(await look())).toEqual([1]);
  appendFileSync(path("audit.log"), `xt":""}`);
  expect(idsOf(await look())).toEqual([2]);
  writeFileSync(path("old.log"), `${lineOf(6)}{"id":7,"te`);
  utimesSync(path("old.log"), 1_700_000_000, 1_700_000_000);
  expect(await look()).toMatchObject([
    { row: 1, isCut: false },
    { file: "old.log", row: 2, isCut: true, text: '{"id":7,"te' },
  ]);
  expect(await look()).toEqual([]);
  // Nobody goes on with what was left for the next look either.
  writeFileSync(path("left.log"), `${lineOf(8)}{"id":9,"te`);
  expect(idsOf(await look())).toEqual([8]);
  const later = new Date(NOW.getTime() + 7_200_000);
  const [offered, offeredLater] = [await planEventFiles(folder, NOW), await planEventFiles(folder, later)];
  expect(offeredLater[0]?.fingerprint).not.toBe(offered[0]?.fingerprint);
  expect(await look(folder, later)).toMatchObject([{ file: "left.log", row: 2, isCut: true, text: '{"id":9,"te' }]);
  expect(await look(folder, later)).toEqual([]);
});

test("a look that was cut off goes on where its last kept batch ended", async () => {
  writeFileSync(path("a.log"), Array.from({ length: 4_500 }, (_, n) => lineOf(n)).join(""));
  writeFileSync(path("b.log"), lineOf(9_000));
  const options = { listKey: "value", cursor: null, signal: new AbortController().signal };
  for await (const first of readEventFiles(await listEventFiles(folder), options)) {
    expect(first.records).toHaveLength(2_000);
    cursor = first.cursor;
    break;
  }
  expect(idsOf(await look())).toEqual([...Array.from({ length: 2_500 }, (_, n) => 2_000 + n), 9_000]);
});

test("documents are read once as they are: lists, objects with a list, one event over several lines", async () => {
  writeFileSync(path("a.json"), '{"value":[{"id":1},\n{"id":2}]}');
  writeFileSync(path("b.json"), '[\n{\n"id":3}\n]\n');
  writeFileSync(path("c.json.gz"), gzipSync('{\n  "id": 4\n}\n'));
  expect(idsOf(await look())).toEqual([1, 2, 3, 4]);
  expect(await look()).toEqual([]);
  writeFileSync(path("b.json"), '[{"id":3},{"id":5}]');
  expect(idsOf(await look())).toEqual([3, 5]);
  writeFileSync(path("d.json"), '{"value":[{"id":1}');
  await expect(look()).rejects.toMatchObject({ code: "bad_data", place: { file: "d.json" } });
});

test("a path is a file, a folder or a glob, and one where nothing is is a mistake", async () => {
  mkdirSync(path("x"));
  writeFileSync(path("x/one.log"), lineOf(1));
  writeFileSync(path("two.jsonl"), lineOf(2));
  writeFileSync(path("README.md"), "nothing");
  expect((await listEventFiles(folder)).map(({ name }) => name).toSorted()).toEqual(["two.jsonl", "x/one.log"]);
  expect(await listEventFiles(path("two.jsonl"))).toHaveLength(1);
  expect(await listEventFiles(join(folder, "*/*.log"))).toHaveLength(1);
  await expect(listEventFiles(path("nowhere"))).rejects.toMatchObject({ code: "invalid_config" });
  writeFileSync(path("broken.gz"), gzipSync(lineOf(1)).subarray(0, 15));
  await expect(look()).rejects.toMatchObject({ code: "bad_data" });
});
