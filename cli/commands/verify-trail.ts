import { existsSync, readdirSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { contextOn } from "#cli/context-on.ts";
import { EXIT } from "#cli/exit-code.ts";
import { withInstance } from "#cli/open-instance.ts";
import { readGiven, readGivenKeys } from "#cli/read-given.ts";
import { describeTarget } from "#lib/db/connect.ts";
import { hasSettings } from "#lib/db/embedded-settings.ts";
import { resolveHome } from "#lib/db/home.ts";
import { readEnvironment } from "#lib/env.ts";
import { AppError } from "#lib/errors.ts";
import { publicKeysOf } from "#lib/services/signing/open-signing-key.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import { checkTrail, type CheckedTrail } from "#lib/services/trail/verify/check-trail.ts";
import { HEADS_FILE } from "#lib/services/trail/heads/head-places.ts";
import { keptFiles, keptLines, type KeptHeads } from "#lib/services/trail/heads/kept-heads.ts";
import type { TrailDamage } from "#lib/services/trail/verify/trail-damage.ts";
import { readBucketHeads } from "#lib/services/trail/heads/read-bucket-heads.ts";

/** Damages that people are shown; a program gets all that were listed. */
const MOST_SHOWN = 50;

/** What `--heads` says where the bucket of `audit.heads` itself is to be read. */
const BUCKET = "s3";

type Options = { heads?: string; key?: string; tsa?: string; json: boolean };

/**
 * Is the audit trail in the database what was published of it? Compared with the heads in this installation's folder, or with those that were kept
 * elsewhere: a copy of the file, a folder with the objects of the bucket, or the bucket itself. Time stamps that lie beside them are checked.
 */
export async function verifyTrail(options: Options): Promise<number> {
  const given = options.key === undefined ? null : readGivenKeys(options.key).join("");
  const authority = options.tsa === undefined ? null : readGiven(options.tsa).toString("utf8");
  const place = placeOfTrail();
  const { verdict, hidden } = await withInstance(async ({ database }) => {
    const context = contextOn(database);
    const kept = await keptHeads(context, options.heads);
    const publicKey = given ?? (await publicKeysOf({ database }));
    return { verdict: await checkTrail(context, { kept, publicKey, authority }), hidden: kept.hidden };
  });
  const { entries, damages, notListed, forgotten, unpublished } = verdict;
  const isWhole = damages.length + notListed === 0;
  // Nothing was logged here, and nothing that was published says otherwise: that is no answer to whether a trail is whole.
  if (isWhole && entries === 0) throw noTrail(`${place} has no entry of one`);
  if (options.json) process.stdout.write(`${JSON.stringify({ ok: isWhole, ...verdict, hidden })}\n`);
  else {
    const lines = [
      `ok      ${entries} entries were compared with their leaves and with ${verdict.heads} published heads${verdict.heads === 0 ? ": without any, only the database speaks for itself" : ""}.`,
      ...stampLines(verdict.stamps),
      ...(notListed === 0 ? besideLines(damages) : []),
      ...(hidden.length === 0
        ? []
        : [`note    ${hidden.length} objects of the bucket are hidden by delete markers, and were read all the same.`]),
      ...forgotten.map(({ kind, rule, on, entries: count }) =>
        kind === "retention"
          ? `ok      ${count} dropped by retention on ${on} under the rule "${rule}"; the log says so, and their hashes are kept.`
          : `ok      ${count} pseudonymised on ${on} by ${rule}; the log says so, and the hashes of their leaves are kept.`,
      ),
      ...unpublished
        .slice(0, MOST_SHOWN)
        .map(
          (seq) =>
            `waits   Entry ${seq} says that records are gone, and is not published in these heads yet: what it takes away cannot be told from a forgery until it is.`,
        ),
      ...(unpublished.length > MOST_SHOWN ? [`waits   ${unpublished.length - MOST_SHOWN} more such entries.`] : []),
      ...damages.slice(0, MOST_SHOWN).map(({ message }) => `FAILED  ${message}`),
      ...(damages.length > MOST_SHOWN ? [`FAILED  ${damages.length - MOST_SHOWN + notListed} more.`] : []),
      ...(damages.some(({ kind }) => kind === "index" || kind === "derived")
        ? ["note    What is made of the entries can be made anew from them: bursar index-trail."]
        : []),
      isWhole ? "The trail is what was logged." : "The trail is not what was logged.",
    ];
    process.stdout.write(`${lines.join("\n")}\n`);
  }
  return isWhole ? EXIT.ok : EXIT.failed;
}

/** Which database is looked at, in words. @throws AppError "not_found" where it would have to be made first. */
function placeOfTrail(): string {
  const url = readEnvironment().DATABASE_URL;
  if (url !== undefined) {
    const { server, database } = describeTarget(url);
    return `the database "${database}" at ${server}`;
  }
  const home = resolveHome();
  if (!hasSettings(home)) throw noTrail(`${home} has no database`);
  return `the database in ${home}`;
}

function noTrail(why: string): AppError {
  return new AppError("not_found", `There is no trail here: ${why}.`, {
    remedy: "Set BURSAR_HOME to the home that has it (the demo's is .bursar/demo), or DATABASE_URL to its database.",
  });
}

/** What was made of the entries, which is computed anew from them. */
const BESIDE: Partial<Record<TrailDamage["kind"], string>> = {
  index: "What searches find entries by is what the entries say.",
  activity: "Bursar's own log is what the trail has of it.",
  derived: "Change requests, and who made and used what, are what the entries tell.",
};

function besideLines(damages: readonly TrailDamage[]): string[] {
  const kinds = new Set(damages.map(({ kind }) => kind));
  return Object.entries(BESIDE).flatMap(([kind, text]) =>
    kinds.has(kind as TrailDamage["kind"]) ? [] : [`ok      ${text}`],
  );
}

function stampLines(stamps: CheckedTrail["stamps"]): string[] {
  if (stamps === null) return [];
  const { count, last } = stamps;
  const trust = last.isTrusted === true ? "" : ", whose certificate the time stamp brings itself: use --tsa";
  return [
    `ok      ${count} time stamps hold; the first ${last.size} entries were there at ${last.at}, says ${last.by}${trust}.`,
  ];
}

async function keptHeads(
  context: ServiceContext,
  place: string | undefined,
): Promise<KeptHeads & { hidden: string[] }> {
  if (place === BUCKET) return readBucketHeads(context);
  const own = join(resolveHome(), dirname(HEADS_FILE));
  if (place === undefined) return { ...(existsSync(own) ? readFolder(own) : keptLines("")), hidden: [] };
  const isFolder = statSync(place, { throwIfNoEntry: false })?.isDirectory() ?? false;
  return { ...(isFolder ? readFolder(place) : keptLines(readGiven(place).toString("utf8"))), hidden: [] };
}

function readFolder(folder: string): KeptHeads {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = entries.map((entry) => join(entry.parentPath, entry.name)).toSorted();
  return keptFiles(paths.map((path) => ({ name: relative(folder, path), content: readGiven(path) })));
}
