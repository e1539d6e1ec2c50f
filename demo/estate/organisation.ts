import { addDays, type BillingPeriod, type Day, rangeOf } from "#lib/domain/period.ts";
import type { Calendar } from "#demo/estate/calendar.ts";

/** The fictional insurer. Whoever needs its name, in any protocol, takes it from here. */
export const ORGANISATION = {
  name: "Halvern Insurance Group",
  shortName: "halvern",
  mailDomain: "halvern.example",
} as const;

export type BusinessUnit = { key: string; name: string; costCentrePrefix: string };

export const BUSINESS_UNITS: readonly BusinessUnit[] = [
  { key: "claims", name: "Claims", costCentrePrefix: "41" },
  { key: "policy", name: "Policy & Underwriting", costCentrePrefix: "42" },
  { key: "life", name: "Life & Health", costCentrePrefix: "43" },
  { key: "corporate", name: "Corporate Functions", costCentrePrefix: "44" },
  { key: "technology", name: "Technology", costCentrePrefix: "45" },
];

/** A stretch of a team's life in one business unit; `from` and `to` half-open, null = always. */
export type TeamStretch = { businessUnit: string; costCentre: string; from: Day | null; to: Day | null };

export type Team = {
  key: string;
  name: string;
  /** Other spellings that tags use: former names and underscores. */
  aliases: string[];
  /** The former name that tags carried until the day of the renaming, null = never renamed. */
  formerName: string | null;
  stretches: TeamStretch[];
};

const TEAM_NAMES: Record<string, readonly string[]> = {
  claims: [
    "Claims Intake",
    "Claims Assessment",
    "Motor Claims",
    "Property Claims",
    "Claims Payments",
    "Fraud Detection",
    "Claims Documents",
    "Claims Analytics",
  ],
  policy: [
    "Policy Core",
    "Quote Engine",
    "Underwriting Workbench",
    "Motor Pricing",
    "Property Pricing",
    "Reinsurance",
    "Broker Portal",
    "Product Catalogue",
  ],
  life: [
    "Life Policy",
    "Health Claims",
    "Annuities",
    "Medical Underwriting",
    "Pensions Portal",
    "Actuarial Models",
    "Provider Network",
    "Wellness App",
  ],
  corporate: [
    "General Ledger",
    "Treasury",
    "HR Systems",
    "Customer Portal",
    "Marketing Web",
    "CRM",
    "Regulatory Reporting",
    "Document Archive",
  ],
  technology: [
    "Cloud Platform",
    "Network Services",
    "Data Platform",
    "Integration Hub",
    "Identity Access",
    "Security Operations",
    "Observability",
    "Developer Experience",
  ],
};

/** Teams that were renamed: tags carried the former name until the day of the renaming. */
const FORMER_NAMES: Record<string, string> = {
  "quote-engine": "tariff-calculator",
  "claims-documents": "scan-centre",
  crm: "sales-systems",
  "cloud-platform": "cloud-centre",
  "pensions-portal": "retirement-online",
  "general-ledger": "finance-core",
};

/** Moves from Corporate Functions to Policy & Underwriting on 1 March. */
export const MOVING_TEAM = { key: "customer-portal", from: "corporate", to: "policy" } as const;

/** The team that no account is of and that runs what everybody shares. */
export const TECHNOLOGY_UNIT = "technology";

/** The 40 teams, in the order of the business units, with what happened to them in the calendar's months. */
export function teamsOf(calendar: Calendar): Team[] {
  return BUSINESS_UNITS.flatMap((unit) =>
    (TEAM_NAMES[unit.key] ?? []).map((name, index) => {
      const key = keyOf(name);
      const formerName = FORMER_NAMES[key] ?? null;
      const underscored = key.replaceAll("-", "_");
      return {
        key,
        name,
        aliases: [
          ...new Set([underscored, ...(formerName === null ? [] : [formerName, formerName.replaceAll("-", "_")])]),
        ].filter((alias) => alias !== key),
        formerName,
        stretches: stretchesOf(key, unit, index, calendar.teamMoves),
      };
    }),
  );
}

function stretchesOf(key: string, unit: BusinessUnit, index: number, moves: Day): TeamStretch[] {
  const costCentre = `${unit.costCentrePrefix}${String(index + 1).padStart(2, "0")}0`;
  if (key !== MOVING_TEAM.key) return [{ businessUnit: unit.key, costCentre, from: null, to: null }];
  return [
    { businessUnit: MOVING_TEAM.from, costCentre, from: null, to: moves },
    { businessUnit: MOVING_TEAM.to, costCentre: "42090", from: moves, to: null },
  ];
}

export function keyOf(name: string): string {
  return name.toLowerCase().replaceAll(" ", "-");
}

/** The stretch that a billing period belongs to: the one of its last day. */
export function stretchIn(team: Team, period: BillingPeriod): TeamStretch {
  const last = addDays(rangeOf(period).to, -1);
  const stretch = team.stretches.find(({ from, to }) => (from === null || from <= last) && (to === null || last < to));
  if (!stretch) throw new RangeError(`${team.key} is in no business unit in ${period}.`);
  return stretch;
}
