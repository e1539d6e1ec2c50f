import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { contextOn } from "#cli/context-on.ts";
import { EXIT } from "#cli/exit-code.ts";
import { withInstance } from "#cli/open-instance.ts";
import { errorCode, resolveHome } from "#lib/db/home.ts";
import { AppError } from "#lib/errors.ts";
import { publicKeysOf } from "#lib/services/signing/open-signing-key.ts";
import { checkTrail } from "#lib/services/trail/check-trail.ts";
import { HEADS_FILE } from "#lib/services/trail/seal-trail.ts";

/** Damages that people are shown; a program gets all that were listed. */
const MOST_SHOWN = 50;

/**
 * Is the audit trail in the database what was published of it? Compared with the heads in this installation's folder, or with a copy of them that
 * was kept elsewhere.
 */
export async function verifyTrail(options: { heads?: string; key?: string; json: boolean }): Promise<number> {
  const file = options.heads ?? join(resolveHome(), HEADS_FILE);
  const heads = options.heads === undefined && !existsSync(file) ? "" : read(file);
  const given = options.key === undefined ? null : read(options.key);
  const verdict = await withInstance(async ({ database }) =>
    checkTrail(contextOn(database), { heads, publicKey: given ?? (await publicKeysOf({ database })) }),
  );
  const { entries, damages, notListed, forgotten, unpublished } = verdict;
  const isWhole = damages.length + notListed === 0;
  if (options.json) process.stdout.write(`${JSON.stringify({ ok: isWhole, ...verdict })}\n`);
  else {
    const lines = [
      `ok      ${entries} entries were compared with their leaves and with ${verdict.heads} published heads${verdict.heads === 0 ? ": without any, only the database speaks for itself" : ""}.`,
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
      isWhole ? "The trail is what was logged." : "The trail is not what was logged.",
    ];
    process.stdout.write(`${lines.join("\n")}\n`);
  }
  return isWhole ? EXIT.ok : EXIT.failed;
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (thrown) {
    throw new AppError("invalid_input", `${file} cannot be read (${errorCode(thrown)}).`, {
      remedy: "Check the path and its permissions.",
      place: { file },
      cause: thrown,
    });
  }
}
