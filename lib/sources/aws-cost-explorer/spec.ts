import { z } from "zod";
import { decimal, toAmount, type Amount } from "#lib/domain/money.ts";
import { awsConnection, refuseHalfKeys } from "#lib/sources/aws/connection.ts";
import { sourceSettings } from "#lib/sources/source-settings.ts";

/** The current month and twelve before it. */
const DEFAULT_MONTHS = 13;
/** Cost Explorer keeps daily cost of the current month and of the 13 before it. */
const MAX_MONTHS = 14;

/** The settings of a source that asks Cost Explorer, as bursar.yaml has them under `sources.<name>`. */
export const costExplorerSpec = z
  .strictObject({
    kind: z.literal("aws-cost-explorer"),
    ...awsConnection,
    billingAccountId: z
      .string()
      .regex(/^\d{12}$/, "must be an account of 12 digits, in quotes")
      .optional()
      .describe("The account that pays; where absent, Organizations is asked."),
    monthlyCapUsd: z
      .union([z.string().regex(/^\d+(\.\d{1,4})?$/, "must be an amount such as 25.00"), z.number().nonnegative()])
      .optional()
      .describe("What the requests of a calendar month may cost; a request that would pass it is not made."),
    net: z
      .union([z.boolean(), z.literal("auto")])
      .default("auto")
      .describe("Whether cost is read after negotiated discounts; auto does so where AWS has such figures."),
    refineBy: z
      .string()
      .regex(/^(region|tag:.+)$/, "must be region or tag:<key>")
      .optional()
      .describe("One more dimension, at the price that the source's README states."),
    months: z.number().int().min(1).max(MAX_MONTHS).default(DEFAULT_MONTHS).describe("How many months are offered."),
    ...sourceSettings,
  })
  .superRefine(refuseHalfKeys);

export type CostExplorerSpec = z.infer<typeof costExplorerSpec>;

/** The cap of the source as an amount; null where it has none. */
export function monthlyCapOf({ monthlyCapUsd }: CostExplorerSpec): Amount | null {
  return monthlyCapUsd === undefined ? null : toAmount(decimal(monthlyCapUsd));
}
