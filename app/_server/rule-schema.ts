import { z } from "zod";
import { billingPeriod } from "#lib/domain/period.ts";

const period = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/, "is not a period of the form 2026-03").transform(billingPeriod);
const values = z.array(z.string().trim().min(1)).min(1).max(1000).optional();
const decimalText = z.string().regex(/^\d+(\.\d+)?$/, "is not a number that is zero or more");

/** A rule as the editor sends it. The service checks what only the database knows: that team and pool exist. */
export const RULE_DRAFT = z.object({
  ruleId: z.uuid().nullable(),
  position: z.number().int().nullable(),
  name: z.string().trim().min(1, "needs a name").max(200),
  match: z.object({
    provider: values,
    billingAccountId: values,
    subAccountId: values,
    regionId: values,
    serviceName: values,
    chargeCategory: values,
    resourceId: values,
    tag: z.object({ keys: z.array(z.string().trim().min(1)).min(1), values }).optional(),
  }),
  target: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("team"), team: z.string().min(1, "needs a team") }),
    z.object({ kind: z.literal("pool"), pool: z.string().min(1, "needs a pool") }),
    z.object({
      kind: z.literal("tag-value"),
      keys: z.array(z.string().trim().min(1)).min(1, "needs a tag"),
      aliases: z.record(z.string(), z.string()).optional(),
    }),
  ]),
  validFrom: period.nullable(),
  validTo: period.nullable(),
});

export const POOL_DRAFT = z.object({
  key: z.string().trim().regex(/^[a-z0-9][a-z0-9-]*$/, "may have small letters, digits and hyphens"),
  name: z.string().trim().min(1, "needs a name").max(200),
  method: z.enum(["even", "proportional", "fixed"]),
  weights: z.record(z.string(), decimalText),
});
