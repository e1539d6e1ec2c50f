import type { SourceFinding } from "#lib/sources/source.ts";

/**
 * Every deviation of a delivered file that does not stop it from loading, with the sentence that people read.
 * `{column}` and `{detail}` are filled in. What touches money is no finding but an AppError, except where the
 * sentence says exactly how the amount was read.
 */
const SENTENCES = {
  unknown_column: "The column {column} is not one of FOCUS; it is not used.",
  missing_column: "The column {column}, which FOCUS makes mandatory, is not there; its values count as not given.",
  column_case: "The column {column} is written differently from FOCUS ({detail}); it is read all the same.",
  duplicate_column: "The column {column} is there more than once; only the first is read.",
  renamed_column: "The provider is read from {column}, because there is no ProviderName.",
  missing_cost_column: "The column {column} is not there; it counts as 0 in every row.",
  null_cost: "Rows have no {column}; it counts as 0 in them.",
  null_value: "Rows have no {column}, which FOCUS makes mandatory; they are kept without it.",
  cost_rounded:
    "Values of {column} have more than 12 decimals; each was rounded half-even to 12, which changes their sum by {detail}.",
  unknown_charge_category: "Rows have a ChargeCategory that FOCUS does not know; it is kept as it is.",
  unusual_currency:
    "Rows have a BillingCurrency that is not three capital letters; it is kept as a currency of its own.",
  tags_not_json: "Rows have Tags that are not a JSON object; they count as having none.",
  billing_period_not_month_start:
    "Rows have a BillingPeriodStart that is not the first instant of a month; they count in the month that it falls in.",
  charge_period_spans_days:
    "Rows have a charge period of more than one UTC day; each counts on the day on which it starts.",
  charge_outside_billing_period: "Rows start outside their billing period; they count on its nearest day.",
  cost_not_offered: "Cost Explorer has no {column}; it counts as 0.",
  net_costs: "Costs are those after negotiated discounts ({detail}).",
  estimated_from: "AWS still estimates the cost of {detail} and later; it is read again until its month is closed.",
  member_account: "The credentials belong to the member account {detail}, so that its cost alone is shown.",
  unknown_record_type: "Charges are of record types of no known category ({detail}); they count as Adjustment.",
  rounding_residue:
    "AWS rounds each figure to 10 decimals; what that took from the total ({detail} billed) is a row of its own a day.",
  event_not_understood: "Records are no events of this trail; they are left out.",
  event_cut: "Records were cut off; they are kept as far as they go, and say so.",
  file_missing: "The trail's digest names this log file, which is not in the bucket; what it said is not known.",
  file_late: "This log file was missing and has come after all; its events are there.",
  file_deleted:
    "This log file was read and is not in the bucket any more: somebody has deleted it. The trail has its events.",
  file_changed: "This log file is not what CloudTrail has delivered; nothing of it was taken.",
  file_replaced:
    "This log file is not what CloudTrail has delivered, and was read before its digest said so: what the trail has of it is not certain.",
  file_restored: "This log file is what CloudTrail has delivered again; its events are there.",
  file_doubled: "This log file has the content of another one; its events count once.",
  file_unnamed:
    "No digest names this log file, although the digests of its time are there: it is not CloudTrail that says what stands in it.",
  file_named: "A digest that came later names this log file after all: it is CloudTrail's.",
  file_unreadable: "This log file cannot be read, so that its events are not known: {detail}",
  digest_broken: "The chain of the trail's digests is broken: {detail}",
  digest_late: "This digest was missing and has come after all; its log files were checked.",
  digest_restored: "This digest was broken and is what CloudTrail has written again; its log files were checked.",
  lookup_out_of_reach:
    "CloudTrail keeps events for 90 days where no trail does; what happened from {detail} was not looked up in time and is not known.",
  answer_rounded: "Amounts have more than 12 decimals; each was rounded half-even to 12.",
} as const;

export type FindingCode = keyof typeof SENTENCES;

const SAMPLE_LENGTH = 120;

/**
 * A text as far as it is kept. It ends before what the cut would have gone through: half of a mail is found by nobody who looks for it, and so is not changed
 * by an order about the person. What is one long word is cut in it.
 */
export function cutSample(text: string, mostCharacters: number): string {
  if (text.length <= mostCharacters) return text;
  const cut = text.slice(0, mostCharacters).toWellFormed();
  const whole = cut.replace(/[\p{L}\p{N}._%+@-]+$/u, "");
  return `${whole.length * 2 < mostCharacters ? cut : whole}…`;
}

/** One finding with its sentence. `sample` is cut to 120 characters, `firstRow` counts from 1 without the header. */
export function finding(
  code: FindingCode,
  file: string,
  details: { column?: string; detail?: string; count?: number; firstRow?: number | null; sample?: string | null } = {},
): SourceFinding {
  const message = SENTENCES[code].replace("{column}", details.column ?? "").replace("{detail}", details.detail ?? "");
  const sample = details.sample ?? null;
  return {
    file,
    code,
    column: details.column ?? null,
    message,
    count: details.count ?? 1,
    firstRow: details.firstRow ?? null,
    sample: sample === null ? null : cutSample(sample, SAMPLE_LENGTH),
  };
}
