import type { BillingPeriod, Day } from "#lib/domain/period.ts";
import { awsAccounts, azureSubscriptions, type CloudAccount, googleProjects } from "#demo/estate/accounts.ts";
import { type AwsOrganization, awsOrganizationOf } from "#demo/estate/aws-organization.ts";
import { type Calendar, calendarOf, DEFAULT_MONTHS } from "#demo/estate/calendar.ts";
import { centralChargesOf, createCentralLines, type CentralLines } from "#demo/estate/central-charges.ts";
import { clusterChargesOf, clusterLinesOf, type ClusterLine } from "#demo/estate/cluster-costs.ts";
import { ecsClustersOf, type EcsClusterPlan } from "#demo/estate/ecs-clusters.ts";
import { ecsLinesOf } from "#demo/estate/ecs-costs.ts";
import type { Charge, Delivery, Line } from "#demo/estate/line.ts";
import { plannedClusters } from "#demo/estate/namespaces.ts";
import { type Team, teamsOf } from "#demo/estate/organisation.ts";
import { type Person, peopleOf } from "#demo/estate/people.ts";
import { buildStreams, chargesOfDay, type Stream } from "#demo/estate/streams.ts";
import { SOURCE_KEYS, type SourceKey } from "#demo/estate/services.ts";

export type EstateOptions = {
  seed: string;
  /** The current, partial day. */
  today: Day;
  /** Billing periods up to and with today's, at least 4; 13 where absent. */
  months?: number;
  /** Part of the resources and the money, 1 where absent. Planted events are there at any scale. */
  scale?: number;
};

/** The whole fictional insurer. Everything that any server of the demo shows is read from here. */
export type Estate = {
  seed: string;
  scale: number;
  calendar: Calendar;
  teams: Team[];
  people: Person[];
  accounts: CloudAccount[];
  /** What AWS Organizations says of the AWS accounts. */
  awsOrganization: AwsOrganization;
  streams: Stream[];
  lines: Line[];
  central: CentralLines;
  /** What the clusters are charged, by their own tags. */
  clusterLines: ClusterLine[];
  ecsClusters: EcsClusterPlan[];
};

/** Makes the estate. The same options make the same estate, to the last digit. */
export function createEstate({ seed, today, months = DEFAULT_MONTHS, scale = 1 }: EstateOptions): Estate {
  const calendar = calendarOf({ today, months });
  const teams = teamsOf(calendar);
  const accounts = [...awsAccounts(teams, calendar), ...azureSubscriptions(), ...googleProjects()];
  const { streams, book } = buildStreams(seed, accounts, teams, calendar, scale);
  const central = createCentralLines(accounts, calendar, book, scale);
  const estate: Estate = {
    seed,
    scale,
    calendar,
    teams,
    people: peopleOf(seed, teams, calendar),
    accounts,
    awsOrganization: awsOrganizationOf(seed, accounts, teams, calendar),
    streams,
    lines: book.lines,
    central,
    clusterLines: [],
    ecsClusters: ecsClustersOf(accounts, calendar.today),
  };
  // Which machines a cluster has depends on what else the estate buys, so that its own charges come last.
  estate.clusterLines.push(...clusterLinesOf(seed, plannedClusters(estate), book));
  estate.clusterLines.push(...ecsLinesOf(estate.ecsClusters, book));
  return estate;
}

/** The deliveries that exist: every source and period but the missing one, and the restated one twice. */
export function deliveryKeysOf(estate: Estate): { source: SourceKey; period: BillingPeriod; version: 1 | 2 }[] {
  const { periods, missingPeriod, restatedPeriod } = estate.calendar;
  return SOURCE_KEYS.flatMap((source) =>
    periods
      .filter((period) => !(source === "gcp" && period === missingPeriod))
      .flatMap((period) => {
        const first = { source, period, version: 1 as const };
        return source === "aws-billing" && period === restatedPeriod
          ? [first, { ...first, version: 2 as const }]
          : [first];
      }),
  );
}

/** The charges of one delivery, by day; what is charged for a whole month comes last. */
export function makeDelivery(estate: Estate, source: SourceKey, period: BillingPeriod, version: 1 | 2): Delivery {
  const streams = estate.streams.filter(({ stretches }) => stretches[0]?.line.source === source);
  const charges: Charge[] = [];
  for (const day of daysKnown(estate.calendar, period))
    charges.push(...chargesOfDay(streams, day, version, estate.calendar));
  charges.push(...centralChargesOf(estate.central, source, period, charges, estate.calendar));
  for (const day of daysKnown(estate.calendar, period))
    charges.push(...clusterChargesOf(estate.clusterLines, source, day, estate.calendar));
  return { source, period, version, charges };
}

/** The days of the period that are not in the future. */
export function daysKnown(calendar: Calendar, period: BillingPeriod): Day[] {
  return calendar.days.filter((day) => day.startsWith(period));
}
