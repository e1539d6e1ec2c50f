import type { CloudAccount } from "#demo/estate/accounts.ts";
import type { Commitment, Line } from "#demo/estate/line.ts";
import { ORGANISATION } from "#demo/estate/organisation.ts";
import { digitsOf, type Random, uuidOf } from "#demo/estate/random.ts";
import { PROVIDERS, type ServiceOffer } from "#demo/estate/services.ts";
import type { PlantedOwner } from "#demo/estate/tagging.ts";

/** Where a resource runs and what it is called. */
export type Place = {
  regionId: string;
  regionName: string;
  availabilityZone: string | null;
  resourceId: string;
  resourceName: string;
};

/** Makes lines and numbers them. */
export type LineBook = {
  lines: Line[];
  placeOf(account: CloudAccount, offer: ServiceOffer, random: Random, index: number): Place;
  usage(
    account: CloudAccount,
    offer: ServiceOffer,
    place: Place,
    tags: Record<string, string>,
    owner: PlantedOwner,
    change?: Partial<Line>,
  ): Line;
  covered(
    account: CloudAccount,
    offer: ServiceOffer,
    place: Place,
    tags: Record<string, string>,
    owner: PlantedOwner,
  ): Line;
  /** A fee, tax, credit or purchase; nothing is measured. */
  fee(account: CloudAccount, fee: Fee): Line;
};

export type Fee = Pick<
  Line,
  "serviceCode" | "serviceName" | "serviceCategory" | "serviceSubcategory" | "chargeCategory" | "description" | "owner"
> &
  Partial<Line>;

const SECOND_REGION_PER_MILLE = 220;
/** What the enterprise agreements take off, in percent. */
const DISCOUNT_PERCENT = { AWS: 7, Microsoft: 5, "Google Cloud": 4 } as const;
/** What a unit costs of its list price once a commitment covers it, in percent. */
const COMMITTED_PERCENT = { "savings-plan": 68, reservation: 61 } as const;

export const SAVINGS_PLAN: Commitment = {
  id: `arn:aws:savingsplans::${ORGANISATION.shortName}:savingsplan/${uuidOf("savings-plan")}`,
  name: "Compute Savings Plan, 1 year, no upfront",
  type: "Savings Plan",
  category: "Spend",
  status: "Used",
  unit: "USD",
};
export const RESERVATION: Commitment = {
  id: `arn:aws:rds:eu-central-1:${ORGANISATION.shortName}:ri:${uuidOf("reservation")}`,
  name: "RDS db.r6g.2xlarge, 1 year, all upfront",
  type: "Reserved Instance",
  category: "Usage",
  status: "Used",
  unit: "Hours",
};

export function createLineBook(): LineBook {
  const lines: Line[] = [];
  const add = (line: Omit<Line, "id">): Line => {
    const numbered = { id: lines.length, ...line };
    lines.push(numbered);
    return numbered;
  };
  const usage: LineBook["usage"] = (account, offer, place, tags, owner, change = {}) => {
    const contractedMicros = Math.round((offer.priceMicros * (100 - DISCOUNT_PERCENT[account.provider])) / 100);
    return add({
      source: PROVIDERS[account.provider].source,
      account,
      hasSubAccount: true,
      serviceCode: offer.code,
      serviceName: offer.name,
      serviceCategory: offer.category,
      serviceSubcategory: offer.subcategory,
      ...place,
      resourceType: offer.resourceType,
      meter: offer.meter,
      unit: offer.unit,
      listMicros: offer.priceMicros,
      contractedMicros,
      effectiveMicros: contractedMicros,
      covered: false,
      chargeCategory: "Usage",
      chargeClass: null,
      chargeFrequency: "Usage-Based",
      description: `${offer.meter} in ${place.regionName}`,
      pricingCategory: "Standard",
      commitment: null,
      publisher: PROVIDERS[account.provider].publisher,
      tags,
      owner,
      ...change,
    });
  };
  const covered: LineBook["covered"] = (account, offer, place, tags, owner) => {
    const kind = offer.covered ?? "savings-plan";
    const commitment = kind === "reservation" ? RESERVATION : SAVINGS_PLAN;
    return usage(account, offer, place, tags, owner, {
      effectiveMicros: Math.round((offer.priceMicros * COMMITTED_PERCENT[kind]) / 100),
      covered: true,
      pricingCategory: "Committed",
      commitment,
      description: `${offer.meter} covered by ${commitment.type}`,
    });
  };
  const fee: LineBook["fee"] = (account, values) =>
    add({
      source: PROVIDERS[account.provider].source,
      account,
      hasSubAccount: true,
      regionId: null,
      regionName: null,
      availabilityZone: null,
      resourceId: null,
      resourceName: null,
      resourceType: null,
      meter: values.description,
      unit: null,
      listMicros: 0,
      contractedMicros: 0,
      effectiveMicros: 0,
      covered: false,
      chargeClass: null,
      chargeFrequency: "Recurring",
      pricingCategory: null,
      commitment: null,
      publisher: PROVIDERS[account.provider].publisher,
      tags: null,
      ...values,
    });
  return { lines, placeOf, usage, covered, fee };
}

function placeOf(account: CloudAccount, offer: ServiceOffer, random: Random, index: number): Place {
  const regions = PROVIDERS[account.provider].regions;
  const [regionId, regionName] = regions[random.perMille(SECOND_REGION_PER_MILLE) ? 1 : 0];
  const resourceName = `${account.name}-${offer.code}-${String(index + 1).padStart(2, "0")}`;
  const availabilityZone =
    offer.category === "Compute" && account.provider === "AWS" ? `${regionId}${random.pick(["a", "b", "c"])}` : null;
  return {
    regionId,
    regionName,
    availabilityZone,
    resourceName,
    resourceId: resourceIdOf(account, offer, regionId, resourceName),
  };
}

function resourceIdOf(account: CloudAccount, offer: ServiceOffer, regionId: string, resourceName: string): string {
  if (account.provider === "AWS")
    return `arn:aws:${offer.code.split("-")[0]}:${regionId}:${account.id}:${offer.resourceType.toLowerCase().replaceAll(" ", "-")}/${resourceName}`;
  if (account.provider === "Microsoft")
    return `${account.id}/resourceGroups/rg-${account.name}/providers/Microsoft.Demo/${offer.code}/${resourceName}`;
  return `//cloud.google.com/projects/${account.id}/${offer.code}/${digitsOf(10, resourceName)}`;
}
