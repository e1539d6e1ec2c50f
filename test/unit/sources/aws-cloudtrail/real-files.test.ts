import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readLogFile } from "#lib/sources/aws-cloudtrail/read-log-file.ts";

const FOLDER = join(import.meta.dirname, "../../../../../shared/data/cloudtrail");
const hasFiles = existsSync(FOLDER);
const hasJq = hasFiles && canRun("jq");

function canRun(command: string): boolean {
  try {
    execFileSync(command, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

const files = hasFiles ? readdirSync(FOLDER).filter((name) => name.endsWith(".json")) : [];
const events = () => files.flatMap((name) => readLogFile("trail", name, readFileSync(join(FOLDER, name))));

/** The counts of a text, as sort and uniq would give them. */
function counted(texts: readonly string[]): Record<string, number> {
  return Object.fromEntries([...Map.groupBy(texts, (text) => text)].map(([text, all]) => [text, all.length]));
}

/** What jq says of the same files; it knows nothing of our code. */
function jq(filter: string): Record<string, number> {
  const paths = files.map((name) => join(FOLDER, name));
  const lines = execFileSync("jq", ["-r", filter, ...paths], { encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
  return counted(lines.split("\n").filter((line) => line !== ""));
}

// The files are real ones that may not be part of the project; they lie beside the checkout where somebody works on it.
describe.skipIf(!hasJq)("thirteen real log files", () => {
  test("load whole: as many events, by action and by actor, as jq counts", () => {
    const all = events();
    expect(all).toHaveLength(Object.values(jq(".Records[].eventVersion")).reduce((sum, count) => sum + count, 0));
    expect(counted(all.map(({ action }) => action))).toEqual(jq('.Records[] | .eventSource + ":" + .eventName'));
    expect(counted(all.map(({ actor }) => actor))).toEqual(
      jq(
        '.Records[].userIdentity | if .type == "AWSService" then .invokedBy elif .type then (.arn // .userName // .principalId) else (.invokedBy // .accountId) end',
      ),
    );
  });

  test("have the outcome that their error codes say", () => {
    const all = events();
    expect(all.filter(({ outcome }) => outcome === "success").length).toBe(
      jq(
        '[.Records[] | select(.errorCode == null)] | length | tostring | select(. != "0") | tonumber | range(.) | "ok"',
      )["ok"],
    );
    expect(all.filter(({ outcome }) => outcome === "denied").length).toBe(
      jq(
        '.Records[] | select(.errorCode == "AccessDenied" or .errorCode == "Client.UnauthorizedOperation") | "denied"',
      )["denied"],
    );
  });

  test("have no event without a time, a key and what was done", () => {
    const all = events();
    expect(new Set(all.map(({ eventKey }) => eventKey)).size).toBe(all.length);
    for (const { occurredAt, action, verbClass } of all) {
      expect(Number.isFinite(occurredAt.getTime())).toBe(true);
      expect(action).toMatch(/^[a-z0-9-]+\.amazonaws\.com:\w+$/);
      expect(["read", "write", "admin"]).toContain(verbClass);
    }
  });
});
