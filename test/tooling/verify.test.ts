import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runCommand } from "#tooling/run-command.ts";
import { inScratch, REPOSITORY } from "#test/tooling/scratch.ts";

// The checks that are tools of others: here it is seen that our settings make them look. Rules of the linter are in
// lint.test.ts, checks of our own in checks.test.ts.
const planted: [tool: string, command: [string, ...string[]], file: string, text: string, says: string][] = [
  ["oxfmt", ["oxfmt", "--check"], "lib/planted.ts", "export const one = 'single'\n", "lib/planted.ts"],
  ["tsc", ["tsc", "--noEmit", "-p", "."], "lib/planted.ts", "export const one: string = 1;\n", "TS2322"],
  ["tsc", ["tsc", "--noEmit", "-p", "."], "lib/planted.ts", "export enum One {\n  a,\n}\n", "TS1294"],
  ["tsc", ["tsc", "--noEmit", "-p", "."], "lib/planted.ts", "export const one: string = [''][0];\n", "TS2322"],
  ["knip", ["knip", "--no-progress"], "lib/planted.ts", "export const one = 1;\n", "lib/planted.ts"],
];

test.each(planted)("%s (%j) refuses %s", async (_tool, command, file, text, says) => {
  const settings = ["tsconfig.json", "knip.json", ".oxfmtrc.json"];
  const texts = await Promise.all(settings.map((name) => readFile(join(REPOSITORY, name), "utf8")));
  const files = { ...Object.fromEntries(settings.map((name, index) => [name, texts[index]!])), [file]: text };
  const { exitCode, output } = await inScratch(files, (root) => runCommand(root, command, { echo: false }));
  expect(exitCode).not.toBe(0);
  expect(output).toContain(says);
});
