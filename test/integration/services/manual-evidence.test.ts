import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Actor, Role } from "#lib/access/actor.ts";
import type { Database } from "#lib/db/client.ts";
import { configuredFrameworks } from "#lib/services/frameworks/find-framework.ts";
import { addManualEvidence } from "#lib/services/manual-evidence/add-manual-evidence.ts";
import { listManualEvidence } from "#lib/services/manual-evidence/list-manual-evidence.ts";
import { MOST_FILE_BYTES } from "#lib/services/manual-evidence/manual-evidence-view.ts";
import { readManualEvidence } from "#lib/services/manual-evidence/read-manual-evidence.ts";
import { withdrawManualEvidence } from "#lib/services/manual-evidence/withdraw-manual-evidence.ts";
import { createTestDatabase } from "#test/integration/db/database.ts";

const NOW = new Date("2026-06-01T12:00:00Z");
const DAY_MS = 86_400_000;
const PDF = Buffer.from("%PDF-1.7 minutes of the review");

let database: Database;
let drop: () => Promise<void>;
let control: { frameworkId: string; controlId: string };
let automatic: { frameworkId: string; controlId: string };

beforeAll(async () => {
  ({ database, drop } = await createTestDatabase());
  const all = configuredFrameworks().flatMap(({ id, controls }) =>
    controls.map((one) => ({ manual: one.manual, frameworkId: id, controlId: one.id })),
  );
  const pick = (isManual: boolean) => {
    const found = all.find(({ manual }) => (manual !== null) === isManual);
    if (!found) throw new Error("No framework has such a control.");
    return { frameworkId: found.frameworkId, controlId: found.controlId };
  };
  control = pick(true);
  automatic = pick(false);
});
afterAll(() => drop?.());

const as = (role: Role, now = NOW) => {
  const actor: Actor = { id: `${role}@example.com`, name: role, role, teamKey: null };
  return { actor, database, now };
};
const brought = (others: object = {}) => ({
  ...control,
  note: "Minutes of the yearly review",
  validUntil: new Date(NOW.getTime() + 90 * DAY_MS).toISOString(),
  fileName: "minutes.pdf",
  content: new Uint8Array(PDF),
  ...others,
});
const newest = async () =>
  (await database.pool.query("SELECT action, actor_id, subject FROM activity ORDER BY id DESC LIMIT 1")).rows[0];
const list = (asOf: Date | null, now = NOW) => listManualEvidence(as("auditor", now), { ...control, asOf });

describe("evidence by hand", () => {
  test("is kept byte for byte with its hash, counts until its day, and can be taken back; all of it is logged", async () => {
    const { id, sha256 } = await addManualEvidence(as("platform"), brought());
    const subject = `${control.frameworkId} ${control.controlId}`;
    expect(await newest()).toEqual({ action: "evidence.added", actor_id: "platform@example.com", subject });
    expect(sha256).toBe(createHash("sha256").update(PDF).digest("hex"));
    expect(await list(null)).toMatchObject([
      { id, sha256, size: PDF.length, mediaType: "application/pdf", state: "valid" },
    ]);

    const file = await readManualEvidence(as("auditor"), { id });
    expect(Buffer.from(file.body).equals(PDF)).toBe(true);
    expect(await newest()).toEqual({ action: "evidence.downloaded", actor_id: "auditor@example.com", subject });

    const late = new Date(NOW.getTime() + 90 * DAY_MS);
    expect(await list(null, late)).toMatchObject([{ state: "expired" }]);

    const later = new Date(NOW.getTime() + DAY_MS);
    await withdrawManualEvidence(as("platform", later), { id });
    expect(await newest()).toEqual({ action: "evidence.withdrawn", actor_id: "platform@example.com", subject });
    expect(await list(null, later)).toMatchObject([{ state: "withdrawn", withdrawnBy: "platform@example.com" }]);
    expect(await list(NOW, later)).toMatchObject([{ state: "valid", withdrawnAt: null, withdrawnBy: null }]);
    expect(await list(new Date(NOW.getTime() - 1), later)).toEqual([]);
    await expect(withdrawManualEvidence(as("platform", later), { id })).rejects.toMatchObject({ code: "not_found" });
  });

  test.each<Role>(["auditor", "member"])("is not brought by %s, which is logged", async (role) => {
    await expect(addManualEvidence(as(role), brought())).rejects.toMatchObject({ code: "forbidden" });
    expect(await newest()).toMatchObject({ action: "permission.refused", actor_id: `${role}@example.com` });
    await expect(withdrawManualEvidence(as(role), { id: 1 })).rejects.toMatchObject({ code: "forbidden" });
  });

  test.each([
    ["a page that a browser would run", { fileName: "a.html" }, "invalid_input"],
    ["a name that its content belies", { fileName: "a.png" }, "invalid_input"],
    ["text that is none", { fileName: "a.csv", content: new Uint8Array([1, 0, 2]) }, "invalid_input"],
    ["nothing", { content: new Uint8Array() }, "invalid_input"],
    ["a day that has passed", { validUntil: "2026-05-01T00:00:00Z" }, "invalid_input"],
    ["no word of what it shows", { note: "" }, "invalid_input"],
    ["a control that is not there", { controlId: "no such" }, "not_found"],
  ])("is not kept with %s", async (_name, others, code) => {
    await expect(addManualEvidence(as("platform"), brought(others))).rejects.toMatchObject({ code });
  });

  test("is not kept beyond its size, nor for what rules show", async () => {
    const content = new Uint8Array(MOST_FILE_BYTES + 1);
    content.set(PDF);
    await expect(addManualEvidence(as("platform"), brought({ content }))).rejects.toMatchObject({
      code: "limit_reached",
    });
    await expect(addManualEvidence(as("platform"), brought(automatic))).rejects.toMatchObject({
      code: "invalid_input",
    });
  });

  test("is offered for saving under a name without folders", async () => {
    const { id } = await addManualEvidence(as("finance"), brought({ fileName: "..\\..\\a/b/minutes\u0000.pdf" }));
    expect((await readManualEvidence(as("auditor"), { id })).fileName).toBe("minutes.pdf");
  });
});
