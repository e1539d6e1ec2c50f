import { decimal, sum } from "#lib/domain/money.ts";
import { OWNER_STRENGTHS } from "#lib/services/sprawl/sprawl-view.ts";
import type { TeamRow, TeamsView } from "#lib/services/teams/teams-view.ts";
import type { TeamsState } from "#app/(dashboard)/teams/teams-state.ts";

/** The teams that match, in the order that was asked for. The service's own order is that of their spend. Pure. */
export function listedTeams({ rows }: TeamsView, { sort, find }: Pick<TeamsState, "sort" | "find">): TeamRow[] {
  const wanted = find.toLowerCase();
  const found = rows.filter(({ name, key, businessUnitName, costCentre }) =>
    [name, key, businessUnitName, costCentre].some((text) => text.toLowerCase().includes(wanted)),
  );
  if (sort === "spend") return found;
  if (sort === "name") return found.toSorted((a, b) => a.name.localeCompare(b.name, "en"));
  const size = (row: TeamRow): number => (sort === "owned" ? Number(sureOf(row) ?? -1) : row[sort]);
  return found.toSorted((a, b) => size(b) - size(a) || a.name.localeCompare(b.name, "en"));
}

/** Percent of a team's namespaces that are its own by an explicit or a derived claim; null where it has none. Pure. */
export function sureOf({ byStrength }: TeamRow): string | null {
  const whole = sum(OWNER_STRENGTHS.map((strength) => decimal(byStrength[strength])));
  if (whole.isZero()) return null;
  return decimal(byStrength.explicit + byStrength.derived)
    .dividedBy(whole)
    .times(100)
    .toFixed(1);
}
