import type { Framework } from "#lib/domain/posture/framework.ts";
import { addCounts, isNothing, noCounts } from "#lib/services/posture/counts.ts";
import type { AskedRule, TeamNames } from "#lib/services/posture/open-population.ts";
import type {
  PostureColumn,
  PostureCounts,
  PostureView,
  PostureWorsening,
} from "#lib/services/posture/posture-view.ts";
import type { CountTable } from "#lib/services/posture/read-counts.ts";

/** What stands above the columns, and what the keys are called. */
export type Columns = { by: PostureColumn; names: TeamNames };

type Laid = {
  rules: readonly AskedRule[];
  table: CountTable;
  columns: Columns;
  manual: ReadonlyMap<string, number>;
  /** Ids of the controls that are shown; empty = all. */
  controls: readonly string[];
};

/** Rows that got worse are shown up to this many, those that got worse most first. */
const MOST_WORSE = 20;

/** Lays counts by rule and key out as a framework's controls by columns, every control in the framework's order. */
export function layOut(framework: Framework, laid: Laid): Pick<PostureView, "columns" | "controls" | "total"> {
  const { rules, columns, manual } = laid;
  const byRule = new Map(rules.map(({ ruleId }) => [ruleId, byColumn(laid.table, ruleId, columns)]));
  const totals = new Map<string, PostureCounts>();
  for (const row of byRule.values()) for (const [key, counts] of row) addCounts(cellOf(totals, key), counts);
  const keys = [...totals.keys()].toSorted((one, other) => compareKeys(one, other, columns));
  const total = noCounts();
  for (const counts of totals.values()) addCounts(total, counts);
  const controls = framework.controls.filter(({ id }) => laid.controls.length === 0 || laid.controls.includes(id));
  return {
    columns: keys.map((key) => ({ key, label: labelOf(key, columns), total: totals.get(key) ?? noCounts() })),
    controls: controls.map((control) => {
      const own = rules.filter((rule) => rule.controls.includes(control.id));
      const cells = new Map<string, PostureCounts>();
      for (const { ruleId } of own)
        for (const [key, counts] of byRule.get(ruleId) ?? []) addCounts(cellOf(cells, key), counts);
      const sum = noCounts();
      for (const counts of cells.values()) addCounts(sum, counts);
      return {
        id: control.id,
        title: control.title,
        group: control.group,
        severity: control.severity ?? null,
        manual: control.manual,
        rules: own.map(({ ruleKey }) => ruleKey),
        isWithoutRules: own.length === 0,
        manualEvidence: manual.get(control.id) ?? 0,
        cells: keys.map((key) => cells.get(key) ?? null),
        total: sum,
      };
    }),
    total,
  };
}

/** What has more failures than a week before, the largest growth first. */
export function worsenings(
  worse: readonly { ruleId: number; key: string; more: number }[],
  { rules, table, columns }: Pick<Laid, "rules" | "table" | "columns">,
): PostureWorsening[] {
  const byId = new Map(rules.map((rule) => [rule.ruleId, rule]));
  return worse
    .flatMap(({ ruleId, key, more }): PostureWorsening[] => {
      const rule = byId.get(ruleId);
      const now = table.get(ruleId)?.get(key);
      const failedNow = (now?.fail ?? 0) + (now?.waived ?? 0);
      // What lies in a gap is not known to have failed.
      if (!rule || failedNow < more) return [];
      const columnKey = columnOf(key, columns);
      return [
        {
          controlId: rule.controls[0] ?? "",
          ruleKey: rule.ruleKey,
          columnKey,
          columnLabel: labelOf(columnKey, columns),
          failedBefore: failedNow - more,
          failedNow,
        },
      ];
    })
    .toSorted(
      (one, other) =>
        other.failedNow - other.failedBefore - (one.failedNow - one.failedBefore) ||
        one.ruleKey.localeCompare(other.ruleKey, "en") ||
        one.columnKey.localeCompare(other.columnKey, "en"),
    )
    .slice(0, MOST_WORSE);
}

function byColumn(table: CountTable, ruleId: number, columns: Columns): Map<string, PostureCounts> {
  const row = new Map<string, PostureCounts>();
  for (const [key, counts] of table.get(ruleId) ?? [])
    if (!isNothing(counts)) addCounts(cellOf(row, columnOf(key, columns)), counts);
  return row;
}

function columnOf(key: string, { by, names }: Columns): string {
  return by === "unit" ? (names.units.get(key) ?? "") : key;
}

export function labelOf(key: string, { by, names }: Columns): string {
  if (key === "") return { team: "Nobody", unit: "No business unit", account: "No account", cluster: "No cluster" }[by];
  if (by === "team") return names.labels.get(key) ?? key;
  return by === "unit" ? (names.unitLabels.get(key) ?? key) : key;
}

/** By name; what has none comes last. */
function compareKeys(one: string, other: string, columns: Columns): number {
  if ((one === "") !== (other === "")) return one === "" ? 1 : -1;
  return labelOf(one, columns).localeCompare(labelOf(other, columns), "en") || one.localeCompare(other, "en");
}

function cellOf(cells: Map<string, PostureCounts>, key: string): PostureCounts {
  let counts = cells.get(key);
  if (!counts) cells.set(key, (counts = noCounts()));
  return counts;
}
