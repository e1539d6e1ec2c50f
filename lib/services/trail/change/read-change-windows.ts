import { loadConfig } from "#lib/config.ts";
import { writeWindows } from "#lib/domain/trail/change-window.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";

/** The change windows of bursar.yaml as a search has them (`outside`); null where none are set. */
export async function readChangeWindows(context: ServiceContext): Promise<string | null> {
  await authorise(context, "activity:read", "change windows");
  const { changeWindows } = loadConfig().audit;
  return changeWindows.length === 0 ? null : writeWindows(changeWindows);
}
