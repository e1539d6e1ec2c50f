import { expect, test } from "vitest";
import { z } from "zod";
import { runCommand } from "#tooling/run-command.ts";
import { inScratch } from "#test/tooling/scratch.ts";

const Report = z.object({ diagnostics: z.array(z.object({ code: z.string().default("") })) });

/** The rules that oxlint, with our settings, reports as errors for the files. */
async function rulesReported(files: Record<string, string>): Promise<string[]> {
  const { output } = await inScratch(files, (root) =>
    runCommand(root, ["oxlint", "--quiet", "-f", "json"], { echo: false }),
  );
  return [...new Set(Report.parse(JSON.parse(output)).diagnostics.map(({ code }) => code))].sort();
}

const planted: [rule: string, text: string][] = [
  ["typescript(no-floating-promises)", "export function run(work: () => Promise<void>): void {\n  work();\n}\n"],
  [
    "typescript(no-misused-promises)",
    "export function run(work: () => Promise<boolean>): number {\n  return work() ? 1 : 0;\n}\n",
  ],
  ["typescript(await-thenable)", "export async function run(one: number): Promise<number> {\n  return await one;\n}\n"],
  ["typescript(no-explicit-any)", "export type Row = { cell: any };\n"],
  ["typescript(no-non-null-assertion)", "export function run(one: string | null): string {\n  return one!;\n}\n"],
  ["typescript(no-unsafe-assignment)", "export const row: { cost: string } = JSON.parse('{}');\n"],
  ["typescript(ban-ts-comment)", "// @ts-ignore\nexport const one: number = 1;\n"],
  ["typescript(only-throw-error)", 'export function run(): void {\n  throw "no";\n}\n'],
  ["eslint(no-restricted-globals)", "export const cost = parseFloat('1.5');\n"],
  ["eslint(max-lines)", `${"export {};\n".repeat(401)}`],
];

test.each(planted)("%s is an error", async (rule, text) => {
  expect(await rulesReported({ "lib/planted.ts": text })).toContain(rule);
});

test("an import cycle through aliases is an error", async () => {
  const files = {
    "lib/one.ts": 'import { two } from "#lib/two.ts";\nexport const one = (): number => two();\n',
    "lib/two.ts": 'import { one } from "#lib/one.ts";\nexport const two = (): number => one();\n',
  };
  expect(await rulesReported(files)).toContain("import(no-cycle)");
});

test("a file name that is not kebab-case is an error", async () => {
  expect(await rulesReported({ "lib/PlantedFile.ts": "export const one = 1;\n" })).toContain("unicorn(filename-case)");
});

test("code without a violation passes", async () => {
  expect(await rulesReported({ "lib/calm.ts": "export const one = 1;\n" })).toEqual([]);
});
