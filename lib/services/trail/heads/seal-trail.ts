import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { publishTreeHead, type Sealed } from "#lib/services/trail/heads/publish-tree-head.ts";

/** What is done every few minutes: see publishTreeHead. */
export async function sealTrail(context: ServiceContext): Promise<Sealed> {
  await authorise(context, "trail:seal", "trail");
  return publishTreeHead(context);
}
