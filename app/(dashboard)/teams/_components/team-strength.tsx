import type { TeamRow } from "#lib/services/teams/teams-view.ts";
import { StrengthBar } from "#app/(dashboard)/sprawl/_components/strength-bar.tsx";
import { sureOf } from "#app/(dashboard)/teams/listed-teams.ts";

/** How well it is known that the namespaces are the team's: by explicit and derived claims, or by hints only. */
export function TeamStrength({ row }: { row: TeamRow }) {
  if (row.namespaces === 0) return <span className="text-soft">–</span>;
  return <StrengthBar label="them surely" parts={row.byStrength} ownedPercent={sureOf(row)} />;
}
