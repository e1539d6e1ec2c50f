import type { CloudAccount } from "#demo/estate/accounts.ts";
import type { Cluster } from "#demo/estate/clusters.ts";
import { randomFor, uuidOf, type Random } from "#demo/estate/random.ts";

/** Something in an account that AWS Config has recorded. */
export type PlannedResource = {
  accountId: string;
  region: string;
  type: string;
  id: string;
  name: string;
  /** Half-open; null = it is still there. */
  from: Date;
  to: Date | null;
};

/** Long before the history begins. */
const ALWAYS = new Date("2025-06-01T00:00:00Z");
const DAY_MS = 86_400_000;
/** Of a thousand resources so many were made, and so many deleted, within the years that draws are made for. */
const MADE_PER_MILLE = 220;
const DELETED_PER_MILLE = 140;
/** The years that changes are drawn over, fixed so that the same resource has the same life whatever day it is. */
const DRAWN_FROM = Date.UTC(2025, 6, 1);
const DRAWN_DAYS = 900;

type Kind = { type: string; most: number; least: number; idOf(hex: string, name: string, account: string): string };

const KINDS: readonly Kind[] = [
  { type: "AWS::S3::Bucket", least: 3, most: 7, idOf: (_, name, account) => `${name}-${account.slice(-4)}` },
  { type: "AWS::EC2::Volume", least: 3, most: 9, idOf: (hex) => `vol-0${hex}` },
  { type: "AWS::EC2::Instance", least: 2, most: 7, idOf: (hex) => `i-0${hex}` },
  { type: "AWS::EC2::SecurityGroup", least: 3, most: 6, idOf: (hex) => `sg-0${hex}` },
  { type: "AWS::EC2::VPC", least: 1, most: 2, idOf: (hex) => `vpc-0${hex}` },
  { type: "AWS::RDS::DBInstance", least: 1, most: 4, idOf: (hex) => `db-${hex.toUpperCase()}` },
  { type: "AWS::IAM::User", least: 0, most: 4, idOf: (hex) => `AIDA${hex.toUpperCase()}` },
  { type: "AWS::IAM::Policy", least: 1, most: 3, idOf: (hex) => `ANPA${hex.toUpperCase()}` },
  { type: "AWS::KMS::Key", least: 1, most: 3, idOf: (hex) => uuidOf("kms", hex) },
  { type: "AWS::EFS::FileSystem", least: 0, most: 2, idOf: (hex) => `fs-0${hex}` },
  {
    type: "AWS::ElasticLoadBalancingV2::LoadBalancer",
    least: 0,
    most: 3,
    idOf: (hex, name, account) =>
      `arn:aws:elasticloadbalancing:eu-central-1:${account}:loadbalancer/app/${name}/${hex.slice(0, 16)}`,
  },
  {
    type: "AWS::SecretsManager::Secret",
    least: 1,
    most: 5,
    idOf: (hex, name, account) => `arn:aws:secretsmanager:eu-central-1:${account}:secret:${name}-${hex.slice(0, 6)}`,
  },
];
const WORDS = ["app", "api", "batch", "archive", "events", "staging", "reports", "cache", "import"];
/** Of a production account's resources a sandbox has a third, and what is not production three fifths. */
const SHARE = { prod: 10, shared: 7, nonprod: 6, sandbox: 3 } as const;

/** Everything that AWS Config has recorded in one account, the account itself included. */
export function resourcesOf(seed: string, account: CloudAccount, allClusters: readonly Cluster[]): PlannedResource[] {
  const region = regionOf(account);
  const random = randomFor(seed, "config resources", account.name);
  const made = KINDS.flatMap((kind) => {
    const drawn = kind.least + random.below(kind.most - kind.least + 1);
    const count = Math.max(kind.least === 0 ? 0 : 1, Math.round((drawn * SHARE[account.environment]) / 10));
    return Array.from({ length: count }, (_, index): PlannedResource => {
      const word = WORDS[(index + drawn) % WORDS.length] ?? "app";
      const name = `${account.name}-${word}${index >= WORDS.length ? `-${index}` : ""}`;
      const hex = uuidOf(seed, kind.type, account.name, String(index)).replaceAll("-", "").slice(0, 16);
      return {
        accountId: account.id,
        region,
        type: kind.type,
        id: kind.idOf(hex, name, account.id),
        name,
        ...lifeOf(random),
      };
    });
  });
  const clusters = allClusters
    .filter((cluster) => cluster.distribution === "eks" && cluster.account.id === account.id)
    .map(({ name, region: place }): PlannedResource => ({
      accountId: account.id,
      region: place,
      type: "AWS::EKS::Cluster",
      id: name,
      name,
      from: ALWAYS,
      to: null,
    }));
  const itself = { accountId: account.id, region, type: "AWS::::Account", id: account.id, name: account.name };
  return [{ ...itself, from: ALWAYS, to: null }, ...made, ...clusters];
}

export function regionOf({ name }: CloudAccount): string {
  return name.endsWith("-dr") ? "eu-west-1" : "eu-central-1";
}

function lifeOf(random: Random): Pick<PlannedResource, "from" | "to"> {
  const at = () => new Date(DRAWN_FROM + random.below(DRAWN_DAYS) * DAY_MS + (7 + random.below(10)) * 3_600_000);
  const isMade = random.perMille(MADE_PER_MILLE);
  const from = at();
  const isDeleted = random.perMille(DELETED_PER_MILLE);
  const to = at();
  const begins = isMade ? from : ALWAYS;
  return { from: begins, to: isDeleted && to > begins ? to : null };
}
