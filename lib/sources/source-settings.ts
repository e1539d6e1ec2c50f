import { z } from "zod";

const PERIOD = /^\d{4}-(0[1-9]|1[0-2])$/;

/** Settings that every source of bursar.yaml may have, whatever it reads. Spread into each source's own schema. */
export const sourceSettings = {
  title: z.string().min(1).optional().describe("What people call this source; its name where absent."),
  schedule: z.string().min(1).optional().describe("When it is looked at, as a cron expression in UTC."),
  expectedFrom: z
    .string()
    .regex(PERIOD, "must be a month such as 2025-11")
    .optional()
    .describe("First billing period that must be there; a later one that is not offered is shown as a hole."),
};
