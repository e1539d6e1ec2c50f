import { chmod, mkdtemp, readdir, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runCommand } from "#tooling/run-command.ts";
import { readSnippets } from "#tooling/snippets.ts";
import { REPOSITORY } from "#test/tooling/scratch.ts";

/** What a snippet makes itself, or must not see of the machine that tests it. */
const LEFT_OUT = new Set([".git", ".bursar", "bursar.yaml", "test-results"]);

const snippets = await readSnippets(REPOSITORY);

test("the documents have snippets that can be run", () => {
  expect(snippets.length).toBeGreaterThan(0);
});

test.each(snippets)("$file:$line works as it stands", async ({ script }) => {
  // A folder of links looks like a fresh clone. PostgreSQL's own user must be able to enter it, or its data would be put elsewhere.
  const clone = await mkdtemp(join(tmpdir(), "bursar-docs-"));
  await chmod(clone, 0o755);
  try {
    for (const entry of await readdir(REPOSITORY)) {
      if (!LEFT_OUT.has(entry)) await symlink(join(REPOSITORY, entry), join(clone, entry));
    }
    const env = { BURSAR_HOME: join(clone, ".bursar"), BURSAR_CONFIG: "", DATABASE_URL: "" };
    const { exitCode, output } = await runCommand(clone, ["bash", "-euo", "pipefail", "-c", script], {
      echo: false,
      env,
    });
    expect({ exitCode, output }).toEqual({ exitCode: 0, output });
  } finally {
    await rm(clone, { recursive: true, force: true });
  }
});
