import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { everyTampering, packBundle, unpackBundle } from "#demo/prove/bundle-tampering.ts";
import { randomFor } from "#demo/estate/random.ts";
import { envelopeText, verifyBundle } from "#lib/reports/bundle/verify-bundle.mjs";
import { contentOf, HEAD, KEY, makeBundle, ROWS } from "./bundle-fixture.ts";

let made: Awaited<ReturnType<typeof makeBundle>>;
let tampered: string;
beforeAll(async () => {
  made = await makeBundle(contentOf([...ROWS, ...ROWS]), { ...HEAD, formats: ["csv", "jsonl"] });
  tampered = join(made.folder, "tampered.zip");
});
afterAll(() => rmSync(made.folder, { recursive: true, force: true }));

/** Of the flips, which `npm run prove -- bundle` tries all, every so many here. */
const STEP = 8;

test("every change to a bundle is seen", { timeout: 120_000 }, async () => {
  let turn = 0;
  const tried = new Map<string, number>();
  const missed = new Map<string, number>();
  for await (const { kind, bytes } of everyTampering(readFileSync(made.path), KEY, randomFor("tampering"))) {
    turn += 1;
    if (kind.startsWith("flipped") && turn % STEP !== 0) continue;
    writeFileSync(tampered, bytes);
    tried.set(kind, (tried.get(kind) ?? 0) + 1);
    if (verifyBundle(tampered, KEY.publicPem).ok) missed.set(kind, (missed.get(kind) ?? 0) + 1);
  }
  expect(Object.fromEntries(missed)).toEqual({});
  expect(tried.size).toBeGreaterThan(20);
  expect(tried.get("changed total, signed anew")).toBe(1);
  expect(tried.get("cut log: last entry, signed anew")).toBe(1);
});

test("of rows that are no log every change is seen as well, by whom has the key but for their order", async () => {
  const plain = await makeBundle(contentOf(ROWS, { isLog: false }), { ...HEAD, formats: ["csv", "jsonl"] });
  const tried = new Set<string>();
  const missed: string[] = [];
  const few = { ofFile: 10, ofFrame: 10 };
  for await (const { kind, bytes } of everyTampering(readFileSync(plain.path), KEY, randomFor("plain"), few)) {
    writeFileSync(tampered, bytes);
    tried.add(kind);
    if (verifyBundle(tampered, KEY.publicPem).ok) missed.push(kind);
  }
  expect(missed).toEqual([]);
  rmSync(plain.folder, { recursive: true, force: true });
  for (const kind of ["changed total", "row removed from the JSON Lines", "row twice in the JSON Lines"])
    expect(tried).toContain(`${kind}, signed anew`);
  expect([...tried].filter((kind) => kind.includes("log"))).toEqual([]);
});

test("a bundle that was signed before, over the manifest itself, is still as it was signed", async () => {
  const { files } = unpackBundle(readFileSync(made.path));
  const manifest = files.find(({ name }) => name === "manifest.json")?.data ?? Buffer.alloc(0);
  const envelope = Buffer.from(envelopeText(manifest, KEY.keyid, await KEY.sign(manifest)));
  const withEnvelope = (data: Buffer) =>
    packBundle(files.map((file) => (file.name === "signature.dsse.json" ? { name: file.name, data } : file)));
  writeFileSync(tampered, withEnvelope(envelope));
  expect(verifyBundle(tampered, KEY.publicPem)).toMatchObject({ ok: true, problems: [] });
  for (let at = 0; at < envelope.length; at += 97) {
    const flipped = Buffer.from(envelope);
    flipped[at] = (flipped[at] ?? 0) ^ 1;
    writeFileSync(tampered, withEnvelope(flipped));
    expect(verifyBundle(tampered, KEY.publicPem).ok, `byte ${at}`).toBe(false);
  }
});

describe("a zip that is hostile", () => {
  const problemsOf = (bytes: Buffer) => {
    writeFileSync(tampered, bytes);
    return verifyBundle(tampered).problems.join(" ");
  };
  test("is refused where its list says more than there is", () => {
    const end = Buffer.from(readFileSync(made.path).subarray(-22));
    expect(problemsOf(end)).toMatch(/no bundle/);
    end.writeUInt16LE(0xffff, 8);
    end.writeUInt16LE(0xffff, 10);
    end.writeUInt32LE(0, 12);
    end.writeUInt32LE(0, 16);
    expect(problemsOf(end)).toMatch(/more than 2000 files/);
  });
  test("is refused where a file is compressed: nothing of it is ever unpacked", () => {
    const zip = Buffer.from(readFileSync(made.path));
    const list = zip.readUInt32LE(zip.length - 6);
    zip.writeUInt16LE(8, list + 10);
    expect(problemsOf(zip)).toMatch(/what no bundle says/);
  });
  test("is refused where it is nothing at all", () => {
    expect(problemsOf(Buffer.alloc(0))).toMatch(/shorter/);
  });
});
