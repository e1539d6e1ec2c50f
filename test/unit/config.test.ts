import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { configJsonSchema, loadConfig, parseConfig } from "#lib/config.ts";
import { AppError } from "#lib/errors.ts";

const FILE = "/etc/bursar/bursar.yaml";

function refused(text: string, variables: NodeJS.ProcessEnv = { NODE_ENV: "test" }): AppError {
  try {
    parseConfig(text, FILE, variables);
  } catch (thrown) {
    if (thrown instanceof AppError) return thrown;
    throw thrown;
  }
  throw new Error("It was accepted.");
}

describe("bursar.yaml", () => {
  test("may be empty: every setting has a default", () => {
    expect(parseConfig("", FILE)).toMatchObject({ settleDays: 2, sources: {}, file: FILE });
  });

  test("takes secrets from the environment", () => {
    const text =
      "sources:\n  aws: { kind: focus, layout: aws-data-exports, bucket: costs, accessKeyId: a, secretAccessKey: '${KEY}' }";
    expect(parseConfig(text, FILE, { NODE_ENV: "test", KEY: "s3cret" }).sources["aws"]).toMatchObject({
      secretAccessKey: "s3cret",
    });
  });

  test("resolves a source's path from its own folder", () => {
    const { sources } = parseConfig("sources:\n  gcp: { kind: focus, layout: files, path: ./exports }", FILE);
    expect(sources["gcp"]).toMatchObject({ path: "/etc/bursar/exports" });
  });

  test("a missing variable is named with its line", () => {
    const error = refused(
      "organisation: A\nsources:\n  aws:\n    kind: focus\n    layout: aws-data-exports\n    bucket: costs\n    accessKeyId: ${NOT_SET}",
    );
    expect(error.message).toContain("NOT_SET");
    expect(error.place).toMatchObject({ file: FILE, line: 7, column: "sources.aws.accessKeyId" });
  });

  test.each([
    ["an unknown setting", "organisation: A\nreportngCurrency: EUR", 2, "reportngCurrency"],
    ["a wrong currency", "organisation: A\nreportingCurrency: euro", 2, "three capital letters"],
    ["a wrong kind", "sources:\n  a:\n    kind: nothing\n    path: x", 3, "kind"],
    [
      "a wrong value deep inside",
      "sources:\n  a:\n    kind: focus\n    layout: files\n    path: x\n    expectedFrom: March",
      6,
      "must be a month",
    ],
    [
      "an unknown setting of a source",
      "sources:\n  a:\n    kind: directory-file\n    path: x\n    colour: blue",
      5,
      "colour",
    ],
    ["broken YAML", "organisation: A\nsources: [", 2, ""],
  ])("%s is refused with its line", (_what, text, line, words) => {
    const error = refused(text);
    expect(error.code).toBe("invalid_config");
    expect(error.place?.line).toBe(line);
    expect(`${error.message} ${error.place?.column ?? ""}`).toContain(words);
  });

  test("never repeats a secret in an error", () => {
    const text =
      "sources:\n  aws:\n    kind: focus\n    layout: aws-data-exports\n    bucket: costs\n    secretAccessKey: hunter2";
    expect(JSON.stringify(refused(text))).not.toContain("hunter2");
  });
});

describe("the file", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "bursar-config-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("is read again when it changes", () => {
    const file = join(folder, "bursar.yaml");
    writeFileSync(file, "organisation: First");
    const variables: NodeJS.ProcessEnv = { NODE_ENV: "test", BURSAR_CONFIG: file };
    expect(loadConfig(variables).organisation).toBe("First");
    writeFileSync(file, "organisation: Second one");
    expect(loadConfig(variables).organisation).toBe("Second one");
  });

  test("that is named and not there is an error", () => {
    expect(() => loadConfig({ NODE_ENV: "test", BURSAR_CONFIG: join(folder, "none.yaml") })).toThrow(/cannot be read/);
  });
});

test("the published JSON Schema is the one of the code", async () => {
  await expect(`${JSON.stringify(configJsonSchema(), null, 2)}\n`).toMatchFileSnapshot(
    "../../public/bursar.schema.json",
  );
});
