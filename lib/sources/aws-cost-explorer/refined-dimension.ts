import type { Expression, GroupDefinition } from "@aws-sdk/client-cost-explorer";
import type { ChargeRow } from "#lib/sources/aws-cost-explorer/charge-row.ts";

/** The dimension that a source is refined by, in Cost Explorer's words and in ours. */
export type RefinedDimension = {
  group: GroupDefinition;
  /** What a row has, for a key that Cost Explorer answered. */
  fieldOf(key: string): Partial<Pick<ChargeRow, "regionId" | "tagValue">>;
  /** Limits a question to what has that key. */
  filterOf(key: string): Expression;
};

/** What Cost Explorer calls the region of a charge that has none. */
const NO_REGION = ["NoRegion", "No region"];

/** `refineBy` is "region" or "tag:<key>". */
export function refinedDimension(refineBy: string): RefinedDimension {
  const tagKey = tagKeyOf(refineBy);
  return tagKey === null ? REGION : tagDimension(tagKey);
}

/** The tag of "tag:<key>" as it is written; null for everything else. */
export function tagKeyOf(refineBy: string | undefined): string | null {
  return refineBy?.startsWith("tag:") === true ? refineBy.slice("tag:".length) : null;
}

const REGION: RefinedDimension = {
  group: { Type: "DIMENSION", Key: "REGION" },
  fieldOf: (key) => ({ regionId: NO_REGION.includes(key) ? "" : key }),
  filterOf: (key) => ({ Dimensions: { Key: "REGION", Values: [key] } }),
};

function tagDimension(tagKey: string): RefinedDimension {
  // Groups of a tag are written "<key>$<value>", without a value where the charge has no such tag.
  const valueOf = (key: string) => key.slice(tagKey.length + 1);
  return {
    group: { Type: "TAG", Key: tagKey },
    fieldOf: (key) => ({ tagValue: valueOf(key).trim() }),
    filterOf: (key) =>
      valueOf(key) === ""
        ? { Tags: { Key: tagKey, MatchOptions: ["ABSENT"] } }
        : { Tags: { Key: tagKey, Values: [valueOf(key)] } },
  };
}
