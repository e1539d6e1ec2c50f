import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseConfig } from "#lib/config.ts";
import { REPOSITORY } from "#test/tooling/scratch.ts";

const SECRETS = {
  ...process.env,
  AZURE_STORE_KEY_ID: "key-id",
  AZURE_STORE_SECRET: "secret",
  BURSAR_EXTERNAL_ID: "id",
  OPENCOST_TOKEN: "token",
};

test("bursar.example.yaml is a valid configuration with a source of every kind", async () => {
  const file = join(REPOSITORY, "bursar.example.yaml");
  const config = parseConfig(await readFile(file, "utf8"), file, SECRETS);
  const kinds = Object.values(config.sources).map(({ kind }) => kind);
  expect([...new Set(kinds)].sort()).toEqual([
    "argocd",
    "aws-cloudtrail",
    "aws-config",
    "aws-cost-explorer",
    "aws-ecs",
    "aws-organizations",
    "azure-activity",
    "baseline",
    "directory-file",
    "exchange-rates-file",
    "findings",
    "focus",
    "kubernetes",
    "kubernetes-audit",
    "rancher-audit",
    "servicenow",
    "terraform",
    "terraform-plan",
  ]);
});

test("bursar.example.yaml takes its secrets from the environment", async () => {
  const text = await readFile(join(REPOSITORY, "bursar.example.yaml"), "utf8");
  expect(() => parseConfig(text, "bursar.example.yaml", { ...SECRETS, AZURE_STORE_KEY_ID: "" })).toThrow(
    "AZURE_STORE_KEY_ID",
  );
});
