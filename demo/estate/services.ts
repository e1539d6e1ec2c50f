import {
  AWS_OFFER_TABLE,
  AZURE_OFFER_TABLE,
  GOOGLE_OFFER_TABLE,
  SPECIAL_OFFER_TABLE,
} from "#demo/estate/offer-tables.ts";
import type { Environment, Provider } from "#demo/estate/accounts.ts";

/** What is bought: one SKU of one service, with its public price. */
export type ServiceOffer = {
  provider: Provider;
  /** Short code, part of SKU and resource ids. */
  code: string;
  /** FOCUS ServiceName, as the provider writes it. */
  name: string;
  /** FOCUS ServiceCategory and ServiceSubcategory. */
  category: string;
  subcategory: string;
  meter: string;
  unit: string;
  /** List price of one unit, in millionths of the billing currency. 0 = free of charge. */
  priceMicros: number;
  resourceType: string;
  /** Share of an account's money, relative to the other offers. */
  weight: number;
  /** What a Saturday uses of a working day, in percent. */
  weekendPercent: number;
  /** What the last two days of a month use, in percent. */
  monthEndPercent: number;
  /** Which commitment can cover it. */
  covered: "savings-plan" | "reservation" | null;
  /** Where it is found; "infrastructure" stands for shared accounts. */
  environments: readonly Environment[];
};

const ENVIRONMENT_OF: Record<string, Environment> = { p: "prod", n: "nonprod", s: "sandbox", i: "shared" };
const COLUMNS_OF_A_ROW = 13;

export const OFFERS: readonly ServiceOffer[] = [
  ...offersOf("AWS", AWS_OFFER_TABLE),
  ...offersOf("Microsoft", AZURE_OFFER_TABLE),
  ...offersOf("Google Cloud", GOOGLE_OFFER_TABLE),
];

const SPECIAL = offersOf("AWS", SPECIAL_OFFER_TABLE);

/** Offers that only the planted events use. */
export const SPECIAL_OFFERS = {
  sageMaker: specialOffer("sagemaker"),
  athena: specialOffer("athena"),
  database: specialOffer("rds-ora"),
  transfer: specialOffer("transfer"),
  table: specialOffer("dynamodb"),
} as const;

function specialOffer(code: string): ServiceOffer {
  const offer = SPECIAL.find((candidate) => candidate.code === code);
  if (!offer) throw new RangeError(`There is no special offer ${code}.`);
  return offer;
}

function offersOf(provider: Provider, table: string): ServiceOffer[] {
  return table
    .trim()
    .split("\n")
    .map((row) =>
      offerOf(
        provider,
        row.split("|").map((cell) => cell.trim()),
      ),
    );
}

function offerOf(provider: Provider, cells: string[]): ServiceOffer {
  if (cells.length !== COLUMNS_OF_A_ROW)
    throw new RangeError(`An offer has ${COLUMNS_OF_A_ROW} columns: ${cells.join(" | ")}`);
  const [code = "", name = "", category = "", subcategory = "", meter = "", unit = "", price, resourceType = ""] =
    cells;
  const [weight, weekendPercent, monthEndPercent, covered, letters = ""] = cells.slice(8);
  return {
    provider,
    code,
    name,
    category,
    subcategory,
    meter,
    unit,
    priceMicros: Number(price),
    resourceType,
    weight: Number(weight),
    weekendPercent: Number(weekendPercent),
    monthEndPercent: Number(monthEndPercent),
    covered: covered === "savings-plan" || covered === "reservation" ? covered : null,
    environments: letters.split("").flatMap((letter) => ENVIRONMENT_OF[letter] ?? []),
  };
}

/** What stands for a provider in its own rows. Prices and bills are in its currency. */
export const PROVIDERS = {
  AWS: {
    source: "aws-billing",
    currency: "USD",
    issuer: "Amazon Web Services EMEA SARL",
    publisher: "Amazon Web Services, Inc.",
    subAccountType: "Account",
    billingAccountType: "Billing Account",
    regions: [
      ["eu-central-1", "Europe (Frankfurt)"],
      ["eu-west-1", "Europe (Ireland)"],
    ],
  },
  Microsoft: {
    source: "azure",
    currency: "EUR",
    issuer: "Microsoft",
    publisher: "Microsoft",
    subAccountType: "Subscription",
    billingAccountType: "Billing Profile",
    regions: [
      ["westeurope", "West Europe"],
      ["westeurope", "West Europe"],
    ],
  },
  "Google Cloud": {
    source: "gcp",
    currency: "EUR",
    issuer: "Google Cloud EMEA Limited",
    publisher: "Google Cloud",
    subAccountType: "Project",
    billingAccountType: "Billing Account",
    regions: [
      ["europe-west3", "Frankfurt"],
      ["europe-west3", "Frankfurt"],
    ],
  },
} as const;

export type SourceKey = "aws-billing" | "azure" | "gcp";
export const SOURCE_KEYS: readonly SourceKey[] = ["aws-billing", "azure", "gcp"];
