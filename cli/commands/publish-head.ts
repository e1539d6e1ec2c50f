import { contextOn } from "#cli/context-on.ts";
import { EXIT } from "#cli/exit-code.ts";
import { withInstance } from "#cli/open-instance.ts";
import { formatInstant } from "#lib/domain/format.ts";
import type { HeadPlaceView } from "#lib/services/trail/heads/heads-view.ts";
import { publishHead as publish } from "#lib/services/trail/heads/publish-head.ts";
import { readHeads } from "#lib/services/trail/heads/read-heads.ts";

/** Publishes the log's head, and says up to which one each place outside of the database has them. */
export async function publishHead(options: { json: boolean }): Promise<number> {
  const { publication, places } = await withInstance(async ({ database }) => {
    const context = contextOn(database);
    const published = await publish(context);
    return { publication: published, places: (await readHeads(context)).places };
  });
  const { size, failed } = publication;
  if (options.json) process.stdout.write(`${JSON.stringify({ ...publication, places })}\n`);
  else {
    const lines = [
      size === null ? "Nothing is new since the newest head." : `The head of ${size} entries was published.`,
      ...places.map(placeLine),
      ...failed.map(({ place, error }) => `FAILED  ${place}: ${error.message} ${error.remedy ?? ""}`.trimEnd()),
    ];
    process.stdout.write(`${lines.join("\n")}\n`);
  }
  return failed.length === 0 ? EXIT.ok : EXIT.partly;
}

function placeLine({ name, newest, waiting }: HeadPlaceView): string {
  const upTo = newest === null ? "no head yet" : `up to ${newest.size} entries of ${formatInstant(newest.at)}`;
  return waiting === 0 ? `ok      ${name}: ${upTo}.` : `waits   ${name}: ${upTo}; ${waiting} heads wait.`;
}
