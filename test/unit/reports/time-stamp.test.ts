import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { verify } from "#cli/commands/verify.ts";
import { EXIT } from "#cli/exit-code.ts";
import { startTimeStampAuthority, type DemoAuthority } from "#demo/timestamps/authority.ts";
import { checkTimeStamp, requestTimeStamp } from "#lib/reports/bundle/time-stamp.ts";
import { contentOf, HEAD, makeBundle, ROWS } from "#test/unit/reports/bundle-fixture.ts";

const AT = new Date("2026-11-28T12:34:56Z");
const DATA = Buffer.from("the signature of a bundle");
let authority: DemoAuthority;
let other: DemoAuthority;
let stamp: Uint8Array;

beforeAll(async () => {
  authority = await startTimeStampAuthority(() => AT);
  other = await startTimeStampAuthority(() => AT);
  stamp = await requestTimeStamp(authority.url, DATA);
});
afterAll(async () => {
  await authority.close();
  await other.close();
});

test("a stamp says when and by whom, and is trusted by the authority's certificate and no other", async () => {
  expect(await checkTimeStamp(stamp, DATA)).toEqual({ at: AT, by: "Demo Time Stamps", isTrusted: null });
  expect(await checkTimeStamp(stamp, DATA, authority.certificatePem)).toMatchObject({ isTrusted: true });
  expect(await checkTimeStamp(stamp, DATA, other.certificatePem)).toMatchObject({ isTrusted: false });
});

test("a stamp of other bytes does not hold", async () => {
  await expect(checkTimeStamp(stamp, Buffer.from("other"))).rejects.toMatchObject({
    code: "bad_data",
    message: expect.stringContaining("other bytes"),
  });
});

test("no byte of those that are changed in a stamp is taken for the same time by the same authority", async () => {
  const places = Array.from({ length: Math.floor(stamp.length / 17) }, (_, index) => index * 17);
  const found = await Promise.all(
    places.map((place) =>
      checkTimeStamp(flipped(stamp, place), DATA, authority.certificatePem).catch(() => ({
        isTrusted: false,
        at: null,
      })),
    ),
  );
  // What says that it was granted is not signed, and may be changed to another word for it.
  expect(found.filter(({ isTrusted, at }) => isTrusted && at?.getTime() !== AT.getTime())).toEqual([]);
  expect(found.filter(({ isTrusted }) => isTrusted).length).toBeLessThan(3);
});

test("the command says when a bundle was signed, and refuses a stamp of another bundle or another authority", async () => {
  const bundle = (of: Buffer | null) =>
    makeBundle(contentOf(ROWS), HEAD, (envelope) => requestTimeStamp(authority.url, of ?? envelope));
  const [good, bad] = [await bundle(null), await bundle(DATA)];
  const [own, others] = [join(good.folder, "own.pem"), join(good.folder, "others.pem")];
  await writeFile(own, authority.certificatePem);
  await writeFile(others, other.certificatePem);
  const said = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  try {
    expect(await verify(good.path, { tsa: own, json: false })).toBe(EXIT.ok);
    expect(said.mock.calls.join("")).toContain("there at 2026-11-28T12:34:56.000Z, says Demo Time Stamps.");
    expect(await verify(good.path, { tsa: others, json: false })).toBe(EXIT.failed);
    expect(await verify(bad.path, { json: false })).toBe(EXIT.failed);
    const unstamped = await makeBundle(contentOf(ROWS));
    expect(await verify(unstamped.path, { json: false })).toBe(EXIT.ok);
    expect(await verify(unstamped.path, { tsa: own, json: false })).toBe(EXIT.failed);
  } finally {
    said.mockRestore();
  }
});

test("an authority that is not there or answers something else is an error", async () => {
  await expect(requestTimeStamp("http://127.0.0.1:9/", DATA)).rejects.toMatchObject({ code: "unavailable" });
  await expect(checkTimeStamp(Buffer.from("no stamp"), DATA)).rejects.toMatchObject({ code: "bad_data" });
});

function flipped(bytes: Uint8Array, place: number): Uint8Array {
  return bytes.map((byte, index) => (index === place ? byte ^ 1 : byte));
}
