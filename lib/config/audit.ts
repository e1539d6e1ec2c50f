import { z } from "zod";
import { headsSchema } from "#lib/config/heads.ts";
import { CLOCK_TIME, isTimeZone, WEEKDAYS } from "#lib/domain/trail/change-window.ts";
import { parseKeep, type Keep, type Retention } from "#lib/domain/trail/retention.ts";

const keep = z
  .string()
  .regex(/^\d{1,4} (day|month|year)s?$/, 'must be a time such as "90 days", "13 months" or "7 years"')
  .refine((text) => parseKeep(text) !== null, "must be at least 30 days");

const clockTime = z.string().regex(CLOCK_TIME, 'must be a time such as "07:00"');

/** `audit` of bursar.yaml: how long the trail is kept, where its heads are written, and what its questions go by. */
export const auditSchema = z.strictObject({
  changeWindows: z
    .array(
      z.strictObject({
        days: z.array(z.enum(WEEKDAYS)).min(1).max(7).describe("Days of the week, by the clocks of timeZone."),
        from: clockTime.describe("From when on changes are expected."),
        to: clockTime.describe("Until when; not after `from` = on the next day."),
        timeZone: z
          .string()
          .refine(isTimeZone, 'must be a time zone such as "Europe/Berlin"')
          .describe("The place whose clocks count."),
      }),
    )
    .max(8)
    .default([])
    .describe("When changes are expected; what people change at any other time is a ready question of /audit."),
  heads: headsSchema
    .default({ timestamps: false })
    .describe("Where the published heads of the trail's log are written outside of the database."),
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
