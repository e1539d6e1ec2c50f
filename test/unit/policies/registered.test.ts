import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { POLICIES } from "#lib/policies/index.ts";

const folder = join(import.meta.dirname, "../../../lib/policies");

test("every folder is a check that is registered once, and every check has its folder", () => {
  const folders = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  expect(POLICIES.map(({ id }) => id).toSorted()).toEqual(folders.toSorted());
});

test.each(POLICIES.map(({ id, metadata }) => [id, metadata] as const))(
  "%s has every word that a person reads, and none with a full stop missing",
  (_id, { title, risk, remedy, severity, controls }) => {
    expect(title).toMatch(/^[A-Z].*[^.]$/);
    expect(risk).toMatch(/^[A-Za-z].*\.$/);
    expect(remedy).toMatch(/^[A-Z].*\.$/);
    expect(["critical", "high", "medium", "low"]).toContain(severity);
    expect(controls.length).toBeGreaterThan(0);
  },
);
