import { z } from "zod";
import { AppError } from "#lib/errors.ts";
import type { BillingPeriod } from "#lib/domain/period.ts";
import type { RuleDraft } from "#lib/services/rules/rule-view.ts";

/** The most values in one condition, and the longest of them: far above any sensible rule, far below what hurts. */
const MAX_VALUES = 500;
const MAX_LENGTH = 300;

const text = z.string().trim().min(1).max(MAX_LENGTH);
const values = z.array(text).min(1).max(MAX_VALUES);
const period = z
  .string()
  .regex(/^\d{4}-(0[1-9]|1[0-2])$/, "a billing period has the form 2026-03")
  .transform((value) => value as BillingPeriod)
  .nullable();

export const ruleDraftSchema = z.strictObject({
  ruleId: z.uuid().nullable(),
  position: z.number().int().nullable(),
  name: text,
  match: z.strictObject({
    provider: values.optional(),
    billingAccountId: values.optional(),
    subAccountId: values.optional(),
    regionId: values.optional(),
    serviceName: values.optional(),
    chargeCategory: values.optional(),
    resourceId: values.optional(),
    tag: z.strictObject({ keys: values, values: values.optional() }).optional(),
  }),
  target: z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("team"), team: text }),
    z.strictObject({ kind: z.literal("pool"), pool: text }),
    z.strictObject({ kind: z.literal("tag-value"), keys: values, aliases: z.record(text, text).optional() }),
  ]),
  validFrom: period,
  validTo: period,
});

/** A rule as sent by whoever edits it. @throws AppError "invalid_input" that names the field. */
export function parseRuleDraft(input: unknown): RuleDraft {
  const parsed = ruleDraftSchema.safeParse(input);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const column = issue?.path.join(".") ?? "";
    throw new AppError(
      "invalid_input",
      `The rule cannot be saved: ${column || "it"} — ${issue?.message ?? "is not valid"}.`,
      { place: { column } },
    );
  }
  const draft = parsed.data;
  if (draft.target.kind !== "tag-value" && Object.keys(draft.match).length === 0)
    throw new AppError("invalid_input", "The rule has no condition, so it would take every cost.", {
      remedy: "Add at least one condition.",
      place: { column: "match" },
    });
  if (draft.validFrom && draft.validTo && draft.validFrom >= draft.validTo)
    throw new AppError(
      "invalid_input",
      `The rule would end (${draft.validTo}) before it starts (${draft.validFrom}).`,
      { place: { column: "validTo" } },
    );
  return draft;
}
