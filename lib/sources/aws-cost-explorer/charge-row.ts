import type { Expression, GroupDefinition } from "@aws-sdk/client-cost-explorer";
import type { CostAnswer } from "#lib/sources/aws-cost-explorer/ask-costs.ts";
import type { DayCost } from "#lib/sources/aws-cost-explorer/balance.ts";
import type { ChargeCategory } from "#lib/sources/aws-cost-explorer/charge-category.ts";

/** The cost of one day, account, service and category, as finely as it was asked for. */
export type ChargeRow = DayCost & {
  accountId: string;
  serviceName: string;
  serviceCategory: string;
  chargeCategory: ChargeCategory;
  /** '' where the source does not ask for regions, or where the charge has none. */
  regionId: string;
  /** The value of the tag that the source is refined by; '' where there is none. */
  tagValue: string;
};

/** Puts one question and keeps what every answer tells besides the costs. */
export type Ask = (groupBy: readonly GroupDefinition[], filter?: Expression) => Promise<CostAnswer>;

export const BY_ACCOUNT: GroupDefinition = { Type: "DIMENSION", Key: "LINKED_ACCOUNT" };
export const BY_SERVICE: GroupDefinition = { Type: "DIMENSION", Key: "SERVICE" };
