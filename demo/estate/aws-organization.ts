import { addDays, type Day, periodOf, startOf } from "#lib/domain/period.ts";
import { ACCOUNT_NAMES, type CloudAccount, type OrganizationalUnit, POOL_KEYS } from "#demo/estate/accounts.ts";
import type { Calendar } from "#demo/estate/calendar.ts";
import { ORGANISATION, stretchIn, type Team } from "#demo/estate/organisation.ts";
import { digitsOf, randomFor, uuidOf } from "#demo/estate/random.ts";

/** What AWS Organizations knows of the insurer: a tree of units, the accounts in it, and who looks after what. */
export type AwsOrganization = {
  id: string;
  arn: string;
  managementAccountId: string;
  managementMail: string;
  rootId: string;
  rootArn: string;
  units: AwsUnit[];
  accounts: AwsMember[];
  delegatedAdministrators: { accountId: string; services: string[]; enabledAt: Date }[];
};

export type AwsUnit = { id: string; arn: string; name: string; parentId: string; tags: Record<string, string> };

export type AwsMember = {
  id: string;
  arn: string;
  name: string;
  mail: string;
  /** Root or unit. */
  parentId: string;
  state: "ACTIVE" | "CLOSED";
  /** How the retired field says it. */
  status: "ACTIVE" | "SUSPENDED";
  joinedMethod: "CREATED" | "INVITED";
  joinedAt: Date;
  tags: Record<string, string>;
};

/** Accounts of the organisation that differ from what the bill says. */
export const ORGANIZATION_PLANTS = {
  /** Is a member and has never cost anything. */
  withoutCost: "break-glass",
  /** Has cost and has left the organisation. */
  left: "sandbox-crm",
  /** Tagged with a team that is not its own. */
  contradicting: { account: "broker-portal-nonprod", team: "quote-engine" },
  /** Tagged with the cost centre that the team had before it moved. */
  stale: { account: "customer-portal-prod" },
} as const;

type UnitDraft = { name: string; parent: string; tags: Record<string, string> };

const UNITS: readonly UnitDraft[] = [
  { name: "Workloads", parent: "Root", tags: {} },
  { name: "Prod", parent: "Workloads", tags: { environment: "prod" } },
  { name: "NonProd", parent: "Workloads", tags: { environment: "nonprod" } },
  { name: "Sandbox", parent: "Root", tags: { environment: "sandbox", "cost-center": "45080" } },
  { name: "Security", parent: "Root", tags: { team: "security-operations" } },
  { name: "Infrastructure", parent: "Root", tags: { team: "cloud-platform" } },
  { name: "Suspended", parent: "Root", tags: {} },
];
const UNIT_OF: Record<OrganizationalUnit, string> = {
  root: "Root",
  prod: "Prod",
  nonprod: "NonProd",
  sandbox: "Sandbox",
  security: "Security",
  infrastructure: "Infrastructure",
};
const DELEGATIONS: readonly { account: string; services: string[] }[] = [
  {
    account: "security-tooling",
    services: ["guardduty.amazonaws.com", "securityhub.amazonaws.com", "config.amazonaws.com"],
  },
  { account: "security-audit", services: ["access-analyzer.amazonaws.com", "cloudtrail.amazonaws.com"] },
];
const FIRST_JOINED = "2019-04-02" as Day;
const JOINED_WITHIN_DAYS = 1_900;
const TEAM_TAG_KEYS = ["team", "team", "team", "team", "team", "Team", "Team", "owner"];
const RENAMED_TAGS_PER_MILLE = 250;

/** The organisation as it stands today, consistent with the accounts of the bill but for what was planted. */
export function awsOrganizationOf(
  seed: string,
  accounts: readonly CloudAccount[],
  teams: readonly Team[],
  calendar: Calendar,
): AwsOrganization {
  const billed = accounts.filter(({ provider }) => provider === "AWS");
  const payer = billed.find(({ name }) => name === ACCOUNT_NAMES.payer);
  const security = billed.find(({ organizationalUnit }) => organizationalUnit === "security");
  if (!payer || !security) throw new RangeError("The organisation needs a payer and a security account.");
  const id = `o-${digitsOf(10, "aws-organization")}`;
  const owner = `arn:aws:organizations::${payer.id}`;
  const rootId = `r-${uuidOf("aws-root").slice(0, 4)}`;
  const idOf = (unit: string) =>
    unit === "Root" ? rootId : `ou-${rootId.slice(2)}-${uuidOf("aws-unit", unit).replaceAll("-", "").slice(0, 8)}`;
  const withoutCost: CloudAccount = {
    ...security,
    id: digitsOf(12, "aws-account", ORGANIZATION_PLANTS.withoutCost),
    name: ORGANIZATION_PLANTS.withoutCost,
    mail: `aws+${ORGANIZATION_PLANTS.withoutCost}@${ORGANISATION.mailDomain}`,
    pool: null,
  };
  const members = [...billed.filter(({ name }) => name !== ORGANIZATION_PLANTS.left), withoutCost];
  const idOfAccount = (name: string) => members.find((account) => account.name === name)?.id ?? "";
  return {
    id,
    arn: `${owner}:organization/${id}`,
    managementAccountId: payer.id,
    managementMail: payer.mail,
    rootId,
    rootArn: `${owner}:root/${id}/${rootId}`,
    units: UNITS.map(({ name, parent, tags }) => ({
      id: idOf(name),
      arn: `${owner}:ou/${id}/${idOf(name)}`,
      name,
      parentId: idOf(parent),
      tags,
    })),
    accounts: members.map((account) => {
      const isClosed = account.closed !== null;
      return {
        id: account.id,
        arn: `${owner}:account/${id}/${account.id}`,
        name: account.name,
        mail: account.mail,
        parentId: idOf(isClosed ? "Suspended" : UNIT_OF[account.organizationalUnit]),
        state: isClosed ? "CLOSED" : "ACTIVE",
        status: isClosed ? "SUSPENDED" : "ACTIVE",
        joinedMethod: account.name === ACCOUNT_NAMES.acquired || account.id === payer.id ? "INVITED" : "CREATED",
        joinedAt: joinedAt(seed, account),
        tags: tagsOf(seed, account, teams, calendar),
      };
    }),
    delegatedAdministrators: DELEGATIONS.map(({ account, services }) => ({
      accountId: idOfAccount(account),
      services,
      enabledAt: startOf("2023-02-14" as Day),
    })),
  };
}

/** An account is made some hours before its first charge. Those without a first day in the bill are older than the bill. */
function joinedAt(seed: string, account: CloudAccount): Date {
  const random = randomFor(seed, "account joined", account.name);
  const day = account.opened ?? addDays(FIRST_JOINED, random.below(JOINED_WITHIN_DAYS));
  return new Date(startOf(day).getTime() + random.below(6 * 3_600) * 1_000);
}

/** Only accounts of one team and those of a pool are tagged, and each in the way of whoever made it. */
function tagsOf(
  seed: string,
  account: CloudAccount,
  teams: readonly Team[],
  calendar: Calendar,
): Record<string, string> {
  const team = teams.find(({ key }) => key === account.team);
  if (account.pool === POOL_KEYS.commitments) return { "cost-center": "45010" };
  if (account.pool !== null) return { shared: "true", environment: account.environment };
  if (!team) return {};
  const random = randomFor(seed, "account tags", account.name);
  const { contradicting, stale } = ORGANIZATION_PLANTS;
  const isRenamed = random.perMille(RENAMED_TAGS_PER_MILLE);
  const name =
    account.name === contradicting.account ? contradicting.team : isRenamed ? (team.aliases[0] ?? team.key) : team.key;
  const stretch = account.name === stale.account ? team.stretches[0] : stretchIn(team, periodOf(calendar.today));
  return {
    [random.pick(TEAM_TAG_KEYS)]: name,
    "cost-center": stretch?.costCentre ?? "",
    [random.pick(["environment", "environment", "Environment", "env"])]: account.environment,
  };
}
