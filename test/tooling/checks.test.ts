import { describe, expect, test } from "vitest";
import { checkBoundaries } from "#tooling/check-boundaries.ts";
import { checkDocuments } from "#tooling/check-documents.ts";
import { checkLockfile } from "#tooling/check-lockfile.ts";
import { checkText } from "#tooling/check-text.ts";
import { checkVerbs } from "#tooling/check-verbs.ts";
import type { Check } from "#tooling/violation.ts";
import { inScratch } from "#test/tooling/scratch.ts";

async function rulesBroken(check: Check, files: Record<string, string>): Promise<string[]> {
  const violations = await inScratch(files, check);
  return violations.map(({ file, line, rule }) => `${file}:${line} ${rule}`);
}

describe("imports that go the wrong way are caught", () => {
  const wrongWay: [from: string, statement: string][] = [
    ["lib/domain/money.ts", 'import { pool } from "#lib/db/client.ts";'],
    ["lib/domain/money.ts", 'import { pool } from "../db/client.ts";'],
    ["lib/domain/money.ts", 'import { readFile } from "node:fs/promises";'],
    ["lib/domain/money.ts", 'import { z } from "zod";'],
    ["lib/charts/trend.ts", 'import { readSpend } from "#lib/services/spend/read-spend.ts";'],
    ["lib/charts/trend.ts", 'import { BarChart } from "recharts";'],
    ["lib/sources/focus/index.ts", 'import { Pool } from "pg";'],
    ["lib/sources/focus/index.ts", 'import { PrismaClient } from "#prisma";'],
    ["lib/sources/focus/index.ts", 'import type { Database } from "#lib/db/client.ts";'],
    ["lib/sources/focus/index.ts", 'import { pullSlice } from "#lib/services/sources/pull-slice.ts";'],
    ["lib/db/client.ts", 'import { readSpend } from "#lib/services/spend/read-spend.ts";'],
    ["lib/services/spend/read-spend.ts", 'import { page } from "#app/page.tsx";'],
    ["lib/services/spend/read-spend.ts", 'import { cookies } from "next/headers";'],
    ["lib/services/spend/read-spend.ts", 'export { task } from "#jobs/tasks/pull-slice.ts";'],
    ["lib/services/spend/read-spend.ts", 'import { seed } from "#demo/estate/seed.ts";'],
    ["jobs/tasks/pull-slice.ts", 'import { readFocus } from "#lib/sources/focus/index.ts";'],
    ["app/page.tsx", 'import { PrismaClient } from "#prisma";'],
    ["app/page.tsx", 'import { PrismaClient } from "@prisma/client";'],
    ["app/page.tsx", 'import { database } from "#lib/db/client.ts";'],
    ["app/page.tsx", 'import { readFocus } from "#lib/sources/focus/index.ts";'],
    ["app/page.tsx", 'const focus = await import("../lib/sources/focus/index.ts");'],
    ["app/_server/database.ts", 'import { readFocus } from "#lib/sources/focus/index.ts";'],
    ["cli/pull.ts", 'import { seed } from "#demo/estate/seed.ts";'],
    ["cli/pull.ts", 'import { inScratch } from "#test/tooling/scratch.ts";'],
    ["demo/start.ts", 'import { inScratch } from "../test/tooling/scratch.ts";'],
    ["tooling/verify.ts", 'import { database } from "#lib/db/client.ts";'],
  ];

  test.each(wrongWay)("%s: %s", async (file, statement) => {
    expect(await rulesBroken(checkBoundaries, { [file]: `${statement}\n` })).toEqual([`${file}:1 boundary`]);
  });

  test("a statement over several lines is caught at its end", async () => {
    const text = 'import {\n  one,\n  type Two,\n} from "#lib/db/client.ts";\n';
    expect(await rulesBroken(checkBoundaries, { "app/page.tsx": text })).toEqual(["app/page.tsx:4 boundary"]);
  });
});

test("the database's layer may name the types of views and nothing else of services", async () => {
  const files = {
    "lib/db/spend/read-spend.ts": 'import type { SpendView } from "#lib/services/spend/spend-view.ts";\n',
    "lib/db/spend/read-labels.ts": 'import { SPEND_DIMENSIONS } from "#lib/services/spend/spend-view.ts";\n',
  };
  expect(await rulesBroken(checkBoundaries, files)).toEqual(["lib/db/spend/read-labels.ts:1 boundary"]);
});

test("imports that go the right way pass", async () => {
  const files = {
    "app/page.tsx": 'import { readSpend } from "#lib/services/spend/read-spend.ts";\nimport "./globals.css";\n',
    "app/_server/database.ts": 'import { database } from "#lib/db/client.ts";\n',
    "cli/demo.ts": 'import { startEstate } from "#demo/start.ts";\n',
    "jobs/worker.ts": 'import { pullSlice } from "#lib/services/sources/pull-slice.ts";\n',
    "lib/domain/money.ts": 'import { Decimal } from "decimal.js";\nimport { AppError } from "#lib/errors.ts";\n',
    "lib/services/spend/read-spend.ts": '// import { page } from "#app/page.tsx";\nimport { z } from "zod";\n',
    "lib/sources/focus/index.ts": 'import { DuckDBInstance } from "@duckdb/node-api";\n',
    "test/unit/money.test.ts": 'import { seed } from "#demo/estate/seed.ts";\n',
  };
  expect(await rulesBroken(checkBoundaries, files)).toEqual([]);
});

describe("verbs", () => {
  const file = "lib/services/rules/save-rule.ts";
  const verb = (body: string) =>
    `import { authorise, type ServiceContext } from "#lib/services/context.ts";\n\n/** Saves. */\nexport async function saveRule(\n  context: ServiceContext,\n): Promise<void> {\n${body}\n}\n`;
  const authorised = '  await authorise(context, "rules:write", "rule");';
  const logged = "  await recordActivity(context.database.pool, {});";

  test("one that forgets to authorise is caught", async () => {
    expect(await rulesBroken(checkVerbs, { [file]: verb(logged) })).toEqual([`${file}:4 verb-authorises`]);
  });

  test("one that changes something without logging it is caught", async () => {
    const context = "export async function authorise() {\n  await recordActivity();\n}\n";
    const files = { [file]: verb(authorised), "lib/services/context.ts": context };
    expect(await rulesBroken(checkVerbs, files)).toEqual([`${file}:4 verb-logs`]);
  });

  test("one that authorises and logs through the module that writes passes", async () => {
    const text = `import { storeRule } from "#lib/services/rules/store-rule.ts";\n${verb(authorised)}`;
    const store = "export async function storeRule() {\n  await recordActivity();\n}\n";
    expect(await rulesBroken(checkVerbs, { [file]: text, "lib/services/rules/store-rule.ts": store })).toEqual([]);
  });

  test("a step that only other services call is theirs to authorise, until a page calls it", async () => {
    const caller = `import { saveRule } from "#lib/services/rules/save-rule.ts";\nawait saveRule(context);\n`;
    const inside = { [file]: verb(logged), "lib/services/rules/move-rule.ts": caller };
    expect(await rulesBroken(checkVerbs, inside)).toEqual([]);
    expect(await rulesBroken(checkVerbs, { ...inside, "app/page.tsx": caller })).toEqual([`${file}:4 verb-authorises`]);
  });

  test("one that only reads need not log", async () => {
    const text = verb(authorised).replace("saveRule", "readRule");
    expect(await rulesBroken(checkVerbs, { "lib/services/rules/read-rule.ts": text })).toEqual([]);
  });
});

describe("texts", () => {
  // The forbidden words are put together here, because this file is checked as well.
  const planted: [rule: string, file: string, text: string][] = [
    ["machine-path", "docs/install.md", `cd ${["", "root", "bursar"].join("/")}`],
    ["machine-path", "lib/config.ts", `const home = "${["", "home", "alice", "x"].join("/")}";`],
    ["registry-host", ".npmrc", ["registry", "https://packages.example.com/"].join("=")],
    ["registry-host", "package-lock.json", `${'"resolved"'}${': "https:'}//packages.example.com/a.tgz"`],
    ["double-assertion", "lib/config.ts", `const a = b ${"as unknown"} as C;`],
    ["silenced-lint", "lib/config.ts", `// ${"oxlint"}-disable-next-line no-var`],
    ["clock-in-pure-code", "lib/domain/period.ts", "const now = new Date();"],
  ];

  test.each(planted)("%s in %s is caught", async (rule, file, text) => {
    expect(await rulesBroken(checkText, { [file]: `\n${text}\n` })).toEqual([`${file}:2 ${rule}`]);
  });

  test("a file name that says nothing is caught", async () => {
    expect(await rulesBroken(checkText, { "lib/domain/utils.ts": "" })).toEqual(["lib/domain/utils.ts:1 empty-name"]);
  });
});

describe("documents", () => {
  test("a path that is not there is caught, in a link and in code", async () => {
    const text = "See [money](../lib/money.ts) and\n`lib/domain/gone.ts`, but not `lib/<folder>/x.ts`.\n";
    expect(await rulesBroken(checkDocuments, { "docs/a.md": text })).toEqual([
      "docs/a.md:1 cited-path",
      "docs/a.md:2 cited-path",
    ]);
  });

  test("files, folders, anchors and other sites pass", async () => {
    const text = "[b](b.md#top), `lib/domain/`, [site](https://example.com/lib/x), `lib/domain/money.ts`\n";
    expect(
      await rulesBroken(checkDocuments, { "docs/a.md": text, "docs/b.md": "", "lib/domain/money.ts": "" }),
    ).toEqual([]);
  });
});

test("a lock file without a package for another machine is caught", async () => {
  const lockfile = {
    name: "bursar",
    version: "0.1.0",
    lockfileVersion: 3,
    requires: true,
    packages: { "node_modules/a": { version: "1.0.0", optionalDependencies: { "a-darwin-arm64": "1.0.0" } } },
  };
  const files = { "package-lock.json": JSON.stringify(lockfile) };
  expect(await rulesBroken(checkLockfile, files)).toEqual(["package-lock.json:1 locked"]);
});
