import { authorise, type ServiceContext } from "#lib/services/context.ts";
import type { HeadPublication } from "#lib/services/trail/heads/heads-view.ts";
import { publishTreeHead } from "#lib/services/trail/heads/publish-tree-head.ts";

/** Publishes the log's head now, on somebody's demand: see publishTreeHead. */
export async function publishHead(context: ServiceContext): Promise<HeadPublication> {
  await authorise(context, "heads:publish", "head of the log");
  const { size, failed } = await publishTreeHead(context);
  return { size, failed: failed.map(({ place, error }) => ({ place, error: error.toJSON() })) };
}
