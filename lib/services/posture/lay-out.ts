import type { Framework } from "#lib/domain/posture/framework.ts";
import { addCounts, noCounts } from "#lib/services/posture/counts.ts";
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

const COLLATOR = new Intl.Collator("en");

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
      const cells = sumOf(own.map(({ ruleId }) => byRule.get(ruleId) ?? NOTHING));
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
  const grown = worse.flatMap(({ ruleId, key, more }) => {
    const rule = byId.get(ruleId);
    const now = table.get(ruleId)?.get(key);
    const failedNow = (now?.fail ?? 0) + (now?.waived ?? 0);
    // What lies in a gap is not known to have failed.
    return rule && failedNow >= more ? [{ rule, key, more, failedNow }] : [];
  });
  // Names tell apart only those that grew by as much as the last one that is shown; most need none.
  const least = grown.map(({ more }) => more).toSorted((one, other) => other - one)[MOST_WORSE - 1] ?? 0;
  return grown
    .filter(({ more }) => more >= least)
    .map(({ rule, key, more, failedNow }) => {
      const columnKey = columnOf(key, columns);
      return {
        controlId: rule.controls[0] ?? "",
        ruleKey: rule.ruleKey,
        columnKey,
        columnLabel: labelOf(columnKey, columns),
        failedBefore: failedNow - more,
        failedNow,
      };
    })
    .toSorted(
      (one, other) =>
        other.failedNow - other.failedBefore - (one.failedNow - one.failedBefore) ||
        COLLATOR.compare(one.ruleKey, other.ruleKey) ||
        COLLATOR.compare(one.columnKey, other.columnKey),
    )
    .slice(0, MOST_WORSE);
}

const NOTHING: ReadonlyMap<string, PostureCounts> = new Map();

function sumOf(rows: readonly ReadonlyMap<string, PostureCounts>[]): ReadonlyMap<string, PostureCounts> {
  const [only] = rows;
  if (only && rows.length === 1) return only;
  const cells = new Map<string, PostureCounts>();
  for (const row of rows) for (const [key, counts] of row) addCounts(cellOf(cells, key), counts);
  return cells;
}

function byColumn(table: CountTable, ruleId: number, columns: Columns): ReadonlyMap<string, PostureCounts> {
  const own = table.get(ruleId) ?? NOTHING;
  // Nothing is put together but teams into units.
  if (columns.by !== "unit") return own;
  const row = new Map<string, PostureCounts>();
  for (const [key, counts] of own) addCounts(cellOf(row, columnOf(key, columns)), counts);
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
  return COLLATOR.compare(labelOf(one, columns), labelOf(other, columns)) || COLLATOR.compare(one, other);
}

function cellOf(cells: Map<string, PostureCounts>, key: string): PostureCounts {
  let counts = cells.get(key);
  if (!counts) cells.set(key, (counts = noCounts()));
  return counts;
}
