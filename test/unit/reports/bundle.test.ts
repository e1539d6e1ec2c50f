import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "csv-parse/sync";
import { verifyBundle } from "#lib/reports/bundle/verify-bundle.mjs";
import { contentOf, KEY, makeBundle, ROWS } from "./bundle-fixture.ts";

const BURSAR = join(import.meta.dirname, "..", "..", "..", "cli", "bursar.js");

let made: Awaited<ReturnType<typeof makeBundle>>;
beforeAll(async () => {
  made = await makeBundle(contentOf(ROWS));
});
afterAll(() => rmSync(made.folder, { recursive: true, force: true }));

const inside = (name: string) => execFileSync("unzip", ["-p", made.path, name], { maxBuffer: 1e8 });

describe("a bundle", () => {
  test("is what it was signed as, with the given key and with its own", () => {
    expect(verifyBundle(made.path, KEY.publicPem)).toMatchObject({ ok: true, problems: [] });
    expect(verifyBundle(made.path)).toMatchObject({ ok: true, problems: [] });
  });

  test("is accepted by unzip, and its README's steps hold with sha256sum and openssl", () => {
    const folder = join(made.folder, "unpacked");
    execFileSync("unzip", ["-q", made.path, "-d", folder]);
    const steps = /```sh\n([\s\S]*?)```/.exec(readFileSync(join(folder, "README.md"), "utf8"))?.[1];
    const answer = execFileSync("bash", ["-euo", "pipefail", "-c", steps ?? "false"], {
      cwd: folder,
      encoding: "utf8",
    });
    expect(answer).toContain("Signature Verified Successfully");
    expect(answer).toContain(KEY.keyid);
    writeFileSync(join(folder, "data/rows.csv"), "x");
    expect(() =>
      execFileSync("bash", ["-euo", "pipefail", "-c", steps ?? "false"], { cwd: folder, stdio: "ignore" }),
    ).toThrow("Command failed");
  });

  test("is checked by the script inside of it, which ends with 0", () => {
    const script = join(made.folder, "verify.mjs");
    writeFileSync(script, inside("verify-bundle.mjs"));
    const key = join(made.folder, "key.pem");
    writeFileSync(key, KEY.publicPem);
    expect(execFileSync(process.execPath, [script, made.path, "--key", key], { encoding: "utf8" })).toContain(
      "as it was signed",
    );
  });

  describe.each([
    ["the script inside of it", () => [join(made.folder, "script.mjs"), made.path]],
    ["bursar verify", () => [BURSAR, "verify", made.path]],
  ])("is checked by %s with a key", (_what, command) => {
    const check = (key: string, content: string) => {
      writeFileSync(join(made.folder, "script.mjs"), inside("verify-bundle.mjs"));
      const file = join(made.folder, key);
      writeFileSync(file, content);
      const { status, stdout, stderr } = spawnSync(process.execPath, [...command(), "--key", file], {
        encoding: "utf8",
      });
      return { status, said: stdout + stderr, file };
    };

    test("as /api/v1/signing-key answers it", () => {
      const answer = { keyid: KEY.keyid, algorithm: "Ed25519", publicKey: KEY.publicPem };
      const { status, said } = check("key.json", JSON.stringify(answer));
      expect(said).toContain(`Signed with the given key ${KEY.keyid}.`);
      expect(status).toBe(0);
    });

    test.each(["{}", "<html>", '{"publicKey":"none"}'])("of which a file that is none says nothing: %s", (content) => {
      const { status, said, file } = check("none.pem", content);
      expect(said).toContain(`${file} is no Ed25519 key.`);
      expect(said).not.toContain("The bundle");
      expect(status).toBe(2);
    });
  });

  test("has no formula in its text cells, and its numbers are numbers", () => {
    const rows = parse(inside("data/rows.csv"), { bom: true }) as string[][];
    expect(rows.slice(1)).toEqual(
      ROWS.map((row) =>
        row.map((cell, index) => (index === 0 && /^[=+]/.test(cell ?? "") ? `'${cell}` : (cell ?? ""))),
      ),
    );
    const workbook = join(made.folder, "rows.xlsx");
    writeFileSync(workbook, inside("data/rows.xlsx"));
    const sheet = execFileSync("unzip", ["-p", workbook, "xl/worksheets/sheet1.xml"], { encoding: "utf8" });
    expect(sheet).toContain("<v>-12.345678901234</v>");
    expect(sheet).toContain(">&apos;=1+1<".replace("&apos;", "'"));
    expect(sheet).not.toMatch(/<f>/);
  });
});

test("bundles of the same content are the same bytes", async () => {
  const again = await makeBundle(contentOf(ROWS));
  try {
    expect(again.sha256).toBe(made.sha256);
  } finally {
    rmSync(again.folder, { recursive: true, force: true });
  }
});
