import type { Framework } from "#lib/domain/posture/framework.ts";
import { WIDTH } from "#lib/db/posture/read-numbers.ts";
import { addCounts, addPlace, COUNT, countsAt, hasCounts, noCounts } from "#lib/services/posture/counts.ts";
import type { AskedRule, TeamNames } from "#lib/services/posture/open-population.ts";
import type {
  PostureColumn,
  PostureCounts,
  PostureView,
  PostureWorsening,
} from "#lib/services/posture/posture-view.ts";
import type { CountTable } from "#lib/services/posture/read-counts.ts";

/** What stands above the columns, and what the keys are called. */
export type Columns = {
  by: PostureColumn;
  names: TeamNames;
  /** Names of accounts by their ids, where columns are accounts. */
  accounts?: ReadonlyMap<string, string>;
};

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
  const { rules, table, columns, manual } = laid;
  const { keys, columnAt } = columnsOf(laid);
  const sumOf = columnSums(rules, { table, columnAt, length: keys.length });
  const all = sumOf(rules);
  const controls = framework.controls.filter(({ id }) => laid.controls.length === 0 || laid.controls.includes(id));
  return {
    columns: keys.map((key, column) => ({
      key,
      label: labelOf(key, columns),
      total: all.cells[column] ?? noCounts(),
    })),
    controls: controls.map((control) => {
      const own = rules.filter((rule) => rule.controls.includes(control.id));
      return {
        id: control.id,
        title: control.title,
        group: control.group,
        severity: control.severity ?? null,
        manual: control.manual,
        rules: own.map(({ ruleKey }) => ruleKey),
        isWithoutRules: own.length === 0,
        manualEvidence: manual.get(control.id) ?? 0,
        ...sumOf(own),
      };
    }),
    total: all.total,
  };
}

const NOTHING = new Int32Array();

/** The columns that have anything, in their order, and which of them the key at each place belongs to; -1 where it has nothing. */
function columnsOf({ rules, table, columns }: Laid): { keys: string[]; columnAt: readonly number[] } {
  const rows = rules.map(({ ruleId }) => table.byRule.get(ruleId) ?? NOTHING);
  const columnKeys = table.names.map((name, place) =>
    rows.some((row) => hasCounts(row, place)) ? columnOf(name, columns) : null,
  );
  const keys = [...new Set(columnKeys.filter((key) => key !== null))];
  keys.sort((one, other) => compareKeys(one, other, columns));
  const places = new Map(keys.map((key, column) => [key, column]));
  return { keys, columnAt: columnKeys.map((key) => (key === null ? -1 : (places.get(key) ?? -1))) };
}

type ColumnSums = { cells: (PostureCounts | null)[]; total: PostureCounts };

/** Adds rules up by column. Each rule's counts are brought into the order of the columns once, for the controls that it speaks for. */
function columnSums(
  rules: readonly AskedRule[],
  { table, columnAt, length }: { table: CountTable; columnAt: readonly number[]; length: number },
): (own: readonly AskedRule[]) => ColumnSums {
  const width = length * WIDTH;
  const lists = new Map(
    rules.map(({ ruleId }) => {
      const [list, row] = [new Int32Array(width), table.byRule.get(ruleId) ?? NOTHING];
      for (let place = 0; place * WIDTH < row.length; place += 1) {
        const column = columnAt[place] ?? -1;
        if (column >= 0) addPlace(list, column, row, place);
      }
      return [ruleId, list];
    }),
  );
  const sums = new Int32Array(width);
  return (own) => {
    sums.fill(0);
    for (const { ruleId } of own) {
      const list = lists.get(ruleId) ?? NOTHING;
      for (let index = 0; index < list.length; index += 1) sums[index] = (sums[index] ?? 0) + (list[index] ?? 0);
    }
    const [cells, total]: [ColumnSums["cells"], PostureCounts] = [[], noCounts()];
    for (let column = 0; column < length; column += 1) {
      const counts = own.length === 0 ? null : countsAt(sums, column);
      cells.push(counts);
      if (counts) addCounts(total, counts);
    }
    return { cells, total };
  };
}

/** What has more failures than a week before, the largest growth first. */
export function worsenings(
  worse: ReadonlyMap<number, Int32Array>,
  { rules, table, columns }: Pick<Laid, "rules" | "table" | "columns">,
): PostureWorsening[] {
  const grown: { rule: AskedRule; key: string; more: number; failedNow: number }[] = [];
  for (const rule of rules) {
    const [changes, row] = [worse.get(rule.ruleId) ?? NOTHING, table.byRule.get(rule.ruleId) ?? NOTHING];
    for (let place = 0; place < changes.length; place += 1) {
      const more = changes[place] ?? 0;
      const failedNow = (row[place * WIDTH + COUNT.fail] ?? 0) + (row[place * WIDTH + COUNT.waived] ?? 0);
      // What lies in a gap is not known to have failed.
      if (more > 0 && failedNow >= more) grown.push({ rule, key: table.names[place] ?? "", more, failedNow });
    }
  }
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
        COLLATOR.compare(one.columnKey, other.columnKey) ||
        // Teams of one business unit, whose order is only that in which this process has met them.
        other.failedNow - one.failedNow,
    )
    .slice(0, MOST_WORSE);
}

function columnOf(key: string, { by, names }: Columns): string {
  return by === "unit" ? (names.units.get(key) ?? "") : key;
}

export function labelOf(key: string, { by, names, accounts }: Columns): string {
  if (key === "") return { team: "Nobody", unit: "No business unit", account: "No account", cluster: "No cluster" }[by];
  if (by === "team") return names.labels.get(key) ?? key;
  if (by === "account") return accounts?.get(key) ?? key;
  return by === "unit" ? (names.unitLabels.get(key) ?? key) : key;
}

/** By name; what has none comes last. */
function compareKeys(one: string, other: string, columns: Columns): number {
  if ((one === "") !== (other === "")) return one === "" ? 1 : -1;
  return COLLATOR.compare(labelOf(one, columns), labelOf(other, columns)) || COLLATOR.compare(one, other);
}
