import { contextOn } from "#cli/context-on.ts";
import { EXIT } from "#cli/exit-code.ts";
import { withInstance } from "#cli/open-instance.ts";
import { openProgress } from "#cli/progress.ts";
import { indexTrail as index } from "#lib/services/trail/verify/index-trail.ts";

/** Makes anew what is made of the audit trail, where verify-trail says that it is not what the entries say. */
export async function indexTrail(options: { json: boolean }): Promise<number> {
  const progress = openProgress({ quiet: options.json });
  const { entries, damaged } = await withInstance(({ database }) =>
    index(contextOn(database), (done) =>
      progress.show("index-trail", { step: "Reading the log", unit: "entries", ...done }),
    ),
  ).finally(() => progress.clear());
  if (options.json) process.stdout.write(`${JSON.stringify({ entries, damaged })}\n`);
  else {
    process.stdout.write(`ok      What searches and pages have of ${entries} entries was made anew from the log.\n`);
    if (damaged > 0)
      process.stdout.write(
        `FAILED  ${damaged} entries are not what was logged; what was made of them is as it was. Run verify-trail, which names them.\n`,
      );
  }
  return damaged === 0 ? EXIT.ok : EXIT.partly;
}
