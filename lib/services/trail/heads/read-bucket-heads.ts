import { AppError } from "#lib/errors.ts";
import { runBounded } from "#lib/sources/aws/run-bounded.ts";
import type { HeadVersion } from "#lib/sources/aws/heads-bucket.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { openConfiguredBucket } from "#lib/services/trail/heads/head-places.ts";
import { keptFiles, type KeptHeads } from "#lib/services/trail/heads/kept-heads.ts";

const READ_AT_ONCE = 16;

/**
 * Heads and time stamps of the bucket of `audit.heads.s3`: every version of each, also of those that a delete marker hides, for whoever forges a head
 * puts a newer version over the one that they cannot delete. `hidden`: objects behind such a marker.
 *
 * @throws AppError "invalid_config" where no bucket is configured, and as the classification of AWS's errors has it.
 */
export async function readBucketHeads(context: ServiceContext): Promise<KeptHeads & { hidden: string[] }> {
  await authorise(context, "activity:read", "heads of the log");
  const bucket = await openConfiguredBucket(context, new AbortController().signal);
  if (bucket === null)
    throw new AppError("invalid_config", "No bucket is configured for heads.", {
      remedy: "Name one under audit.heads.s3 in bursar.yaml, or give a file or a folder.",
    });
  try {
    const [versions, hidden]: [HeadVersion[], string[]] = [[], []];
    for await (const version of bucket.versions())
      if (version.isMarker) hidden.push(version.name);
      else versions.push(version);
    const files = await runBounded(versions, READ_AT_ONCE, async (version) => ({
      name: version.name,
      content: await bucket.get(version),
    }));
    return { ...keptFiles(files), hidden };
  } finally {
    bucket.close();
  }
}
