import { z } from "zod";
import { headsBucketSpec } from "#lib/sources/aws/heads-bucket-spec.ts";

/** `audit.heads` of bursar.yaml: where published heads of the log are written besides the home folder, and whether they get time stamps. */
export const headsSchema = z.strictObject({
  timestamps: z
    .boolean()
    .default(false)
    .describe(
      "Whether the newest head is stamped by the authority of `timestamps`: one request every five minutes at most.",
    ),
  s3: headsBucketSpec
    .optional()
    .describe(
      "A bucket that gets each head as an object of its own, which nobody can change or delete while it is locked.",
    ),
});
