import type { Day } from "#lib/domain/period.ts";
import type { Calendar } from "#demo/estate/calendar.ts";
import { ORGANISATION, TECHNOLOGY_UNIT, type Team } from "#demo/estate/organisation.ts";
import { digitsOf, uuidOf } from "#demo/estate/random.ts";

export type Provider = "AWS" | "Microsoft" | "Google Cloud";
export type OrganizationalUnit = "root" | "prod" | "nonprod" | "sandbox" | "security" | "infrastructure";
export type Environment = "prod" | "nonprod" | "sandbox" | "shared";

/** An AWS account, an Azure subscription or a Google Cloud project. */
export type CloudAccount = {
  provider: Provider;
  /** As cost rows name it: 12 digits, "/subscriptions/<guid>", a project id. */
  id: string;
  name: string;
  billingAccountId: string;
  billingAccountName: string;
  organizationalUnit: OrganizationalUnit;
  environment: Environment;
  /** Whose it is alone; null = several teams work in it. */
  team: string | null;
  /** Business unit whose teams share it; null where it is one team's, everybody's or nobody's. */
  businessUnit: string | null;
  /** The shared pool that its cost goes to where no tag names a team. */
  pool: string | null;
  /** Root mail, as Organizations lists it. */
  mail: string;
  /** Half-open; null = always. */
  opened: Day | null;
  closed: Day | null;
};

export const POOL_KEYS = {
  platform: "platform",
  network: "network",
  security: "security",
  support: "support-and-tax",
  commitments: "commitments",
} as const;

/** Accounts that several later figures refer to by name. */
export const ACCOUNT_NAMES = {
  payer: "halvern-payer",
  networkHub: "network-hub-prod",
  acquired: "brightcover-legacy",
  closed: "document-archive-dr",
  opened: "wellness-app-prod",
} as const;

const SECURITY_ACCOUNTS = ["security-audit", "security-tooling", "log-archive"];
const NETWORK_ACCOUNTS = [ACCOUNT_NAMES.networkHub, "network-hub-nonprod", "dns-public"];
const PLATFORM_ACCOUNTS = [
  "shared-eks-prod",
  "shared-eks-nonprod",
  "monitoring-prod",
  "monitoring-nonprod",
  "build-and-release",
  "shared-services",
  "backup-vault",
  "artifact-registry",
  "directory-services",
];
const STANDBY_TEAMS = [
  "policy-core",
  "general-ledger",
  "claims-payments",
  "life-policy",
  "customer-portal",
  "document-archive",
];
const SANDBOX_TEAMS = [
  "claims-intake",
  "claims-analytics",
  "fraud-detection",
  "quote-engine",
  "motor-pricing",
  "broker-portal",
  "actuarial-models",
  "health-claims",
  "wellness-app",
  "crm",
  "data-platform",
  "developer-experience",
  "observability",
];
const TECHNOLOGY_TEAMS_WITHOUT_ACCOUNTS = ["network-services", "security-operations"];

/** The 120 AWS accounts of the organisation, payer first. */
export function awsAccounts(teams: readonly Team[], calendar: Calendar): CloudAccount[] {
  const payerId = awsId(ACCOUNT_NAMES.payer);
  const account = (
    name: string,
    organizationalUnit: OrganizationalUnit,
    environment: Environment,
    owner: Partial<CloudAccount> = {},
  ): CloudAccount => ({
    provider: "AWS",
    id: awsId(name),
    name,
    billingAccountId: payerId,
    billingAccountName: ORGANISATION.name,
    organizationalUnit,
    environment,
    team: null,
    businessUnit: null,
    pool: null,
    mail: `aws+${name}@${ORGANISATION.mailDomain}`,
    opened: name === ACCOUNT_NAMES.opened ? calendar.accountOpens : null,
    closed: name === ACCOUNT_NAMES.closed ? calendar.accountCloses : null,
    ...owner,
  });
  const businessUnits = [...new Set(teams.map((team) => team.stretches[0]?.businessUnit ?? ""))].filter(
    (unit) => unit !== TECHNOLOGY_UNIT,
  );
  const withAccounts = teams.filter((team) => !TECHNOLOGY_TEAMS_WITHOUT_ACCOUNTS.includes(team.key));
  return [
    account(ACCOUNT_NAMES.payer, "root", "shared", { pool: POOL_KEYS.commitments }),
    ...SECURITY_ACCOUNTS.map((name) => account(name, "security", "shared", { pool: POOL_KEYS.security })),
    ...NETWORK_ACCOUNTS.map((name) => account(name, "infrastructure", "shared", { pool: POOL_KEYS.network })),
    ...PLATFORM_ACCOUNTS.map((name) => account(name, "infrastructure", "shared", { pool: POOL_KEYS.platform })),
    ...businessUnits.flatMap((unit) => [
      account(`${unit}-prod`, "prod", "prod", { businessUnit: unit }),
      account(`${unit}-nonprod`, "nonprod", "nonprod", { businessUnit: unit }),
    ]),
    ...withAccounts.flatMap(({ key }) => [
      account(`${key}-prod`, "prod", "prod", { team: key }),
      account(`${key}-nonprod`, "nonprod", "nonprod", { team: key }),
    ]),
    ...STANDBY_TEAMS.map((key) => account(`${key}-dr`, "prod", "prod", { team: key })),
    ...SANDBOX_TEAMS.map((key) => account(`sandbox-${key}`, "sandbox", "sandbox", { team: key })),
    // Came with an acquired broker: nobody has claimed it, and nothing in it is tagged with a team.
    account(ACCOUNT_NAMES.acquired, "sandbox", "prod"),
  ];
}

function awsId(name: string): string {
  return digitsOf(12, "aws-account", name);
}

const AZURE_SUBSCRIPTIONS: readonly (readonly [name: string, environment: Environment, team: string | null])[] = [
  ["hvn-workplace-prod", "prod", null],
  ["hvn-crm-prod", "prod", "crm"],
  ["hvn-crm-nonprod", "nonprod", "crm"],
  ["hvn-hr-prod", "prod", "hr-systems"],
  ["hvn-treasury-prod", "prod", "treasury"],
  ["hvn-regulatory-prod", "prod", "regulatory-reporting"],
  ["hvn-documents-prod", "prod", "document-archive"],
  ["hvn-shared-connectivity", "shared", null],
];

export function azureSubscriptions(): CloudAccount[] {
  const billingAccountId = "/providers/Microsoft.Billing/billingAccounts/8608480";
  return AZURE_SUBSCRIPTIONS.map(([name, environment, team]) => ({
    provider: "Microsoft",
    id: `/subscriptions/${uuidOf("azure-subscription", name)}`,
    name,
    billingAccountId,
    billingAccountName: ORGANISATION.name,
    organizationalUnit: environment === "shared" ? "infrastructure" : environment,
    environment,
    team,
    businessUnit: name === "hvn-workplace-prod" ? "corporate" : null,
    pool: environment === "shared" ? POOL_KEYS.network : null,
    mail: "",
    opened: null,
    closed: null,
  }));
}

const GOOGLE_PROJECTS: readonly (readonly [name: string, environment: Environment, team: string | null])[] = [
  ["hvn-analytics-prod", "prod", "data-platform"],
  ["hvn-analytics-dev", "nonprod", "data-platform"],
  ["hvn-claims-insight", "prod", "claims-analytics"],
  ["hvn-actuarial-lab", "nonprod", "actuarial-models"],
  ["hvn-marketing-events", "prod", "marketing-web"],
  ["hvn-shared-bigquery", "shared", null],
];

export function googleProjects(): CloudAccount[] {
  return GOOGLE_PROJECTS.map(([name, environment, team]) => ({
    provider: "Google Cloud",
    id: `${name}-${digitsOf(6, "google-project", name)}`,
    name,
    billingAccountId: "01A7F3-5C2E90-B48D16",
    billingAccountName: ORGANISATION.name,
    organizationalUnit: environment === "shared" ? "infrastructure" : environment,
    environment,
    team,
    businessUnit: null,
    pool: environment === "shared" ? POOL_KEYS.platform : null,
    mail: "",
    opened: null,
    closed: null,
  }));
}

/** Whether the account had any charge of its own on that day. */
export function isActive(account: CloudAccount, day: Day): boolean {
  return (account.opened === null || account.opened <= day) && (account.closed === null || day < account.closed);
}
