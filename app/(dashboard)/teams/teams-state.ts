import { z } from "zod";
import { billingPeriod, periodOf, type BillingPeriod } from "#lib/domain/period.ts";
import type { RawParams } from "#app/(dashboard)/sprawl/search-params.ts";
import { withParams } from "#app/(dashboard)/sprawl/hrefs.ts";

export const TEAM_SORTS = ["spend", "name", "namespaces", "unused", "accounts", "owned"] as const;
export type TeamSort = (typeof TEAM_SORTS)[number];

/** What /teams is asked for. Everything of it stands in the URL; defaults are left out there. */
export type TeamsState = {
  /** Null = the running month. */
  period: BillingPeriod;
  isCurrent: boolean;
  sort: TeamSort;
  /** A part of a team's, unit's or cost centre's name. */
  find: string;
  asOf: string | null;
};

const one = z
  .union([z.string(), z.array(z.string())])
  .transform((value) => (typeof value === "string" ? value : value.at(-1)));

const SCHEMA = z.object({
  period: one
    .pipe(z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/))
    .nullable()
    .catch(null)
    .default(null),
  sort: one.pipe(z.enum(TEAM_SORTS)).catch("spend"),
  find: one.pipe(z.string().trim().max(100)).catch(""),
  asOf: one
    .pipe(z.iso.datetime({ offset: true }))
    .nullable()
    .catch(null)
    .default(null),
});

/** What cannot be read falls back to its default. As of an instant the month is that instant's. */
export function parseTeamsState(raw: RawParams, now: Date): TeamsState {
  const { period, sort, find, asOf } = SCHEMA.parse(raw);
  const current = periodOf(asOf === null ? now : new Date(asOf));
  return {
    period: period === null ? current : billingPeriod(period),
    isCurrent: period === null || period === current,
    sort,
    find,
    asOf,
  };
}

export function teamsHref(
  state: TeamsState,
  change: Partial<Pick<TeamsState, "period" | "sort" | "find">> = {},
): string {
  const { period, sort, find } = { ...state, ...change };
  return withParams("/teams", {
    period: change.period === undefined && state.isCurrent ? null : period,
    sort: sort === "spend" ? null : sort,
    find: find === "" ? null : find,
    asOf: state.asOf,
  });
}
