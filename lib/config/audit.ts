import { z } from "zod";
import { parseKeep, type Keep, type Retention } from "#lib/domain/trail/retention.ts";

const keep = z
  .string()
  .regex(/^\d{1,4} (day|month|year)s?$/, 'must be a time such as "90 days", "13 months" or "7 years"')
  .refine((text) => parseKeep(text) !== null, "must be at least 30 days");

/** `audit` of bursar.yaml. */
export const auditSchema = z.strictObject({
  retention: z
    .strictObject({
      read: keep.optional().describe("What only looks at something."),
      write: keep.optional().describe("What changes something."),
      admin: keep.optional().describe("What changes permissions, trails or keys."),
      "sign-in": keep.optional().describe("Signing in, to a cloud or to Bursar."),
      bursar: keep.optional().describe("What was done in Bursar itself, but for signing in."),
    })
    .default({})
    .describe(
      'How long the records of events are kept, by class, as in "13 months"; at least 30 days. A class that has no time here is kept for ever. Hashes always stay.',
    ),
});

/** The durations that are set. */
export function retentionOf({ retention }: z.infer<typeof auditSchema>): Retention {
  const set = Object.entries(retention).flatMap(([keepClass, text]): [string, Keep][] => {
    const parsed = text === undefined ? null : parseKeep(text);
    return parsed === null ? [] : [[keepClass, parsed]];
  });
  return Object.fromEntries(set);
}
