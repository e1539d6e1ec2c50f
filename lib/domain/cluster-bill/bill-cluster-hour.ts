import { billUnits } from "#lib/domain/cluster-bill/bill-units.ts";
import { billRoom, PART_KINDS, REST_KINDS, type UnitBill } from "#lib/domain/cluster-bill/bill-work.ts";
import {
  BILL_BASES,
  type BillAmounts,
  type BillBasis,
  type BillSettings,
  type ClusterHour,
} from "#lib/domain/cluster-bill/cluster-hour.ts";
import { MOST_UNITS } from "#lib/domain/cluster-bill/split-units.ts";
import { unitDigits, bigintUnits, doubleUnits, unitsToAmount, type Column } from "#lib/domain/cluster-bill/units.ts";
import { GAP } from "#lib/domain/cluster-bill/row-amount.ts";

/**
 * What one namespace carries. `direct` + `idle` + `shared` is its cost; `given` is what it had before the others took it over,
 * where it is a shared namespace, and no part of any sum.
 */
export type NamespaceBill = {
  namespace: string;
  direct: BillAmounts;
  idle: BillAmounts;
  shared: BillAmounts;
  given: BillAmounts;
};

/** The bill of a cluster's hour: Σ namespaces (direct + idle + shared) + idle + overhead + unobserved = its cost, in each basis. */
export type ClusterBill = {
  namespaces: NamespaceBill[];
  /** Capacity that nobody asked for or used, as far as it is not spread. */
  idle: BillAmounts;
  idleCarriedBy: "nobody" | "namespaces" | "owner";
  /** Charges of the cluster that belong to no node and no namespace. */
  overhead: BillAmounts;
  /** Capacity of which is not known whether anybody used it. */
  unobserved: BillAmounts;
  /** Whole sentences: which gaps there were and what was done about them. */
  notes: string[];
};

/** A bill in whole units of the twelfth decimal: doubles, or bigint where doubles cannot hold them. See UnitBill for the positions. */
export type HourUnits = ({ isLarge: false } & UnitBill<Float64Array>) | ({ isLarge: true } & UnitBill<bigint[]>);

/**
 * Splits a cluster's hour to namespaces, idle, overhead and what was not observed, exactly.
 *
 * @throws RangeError where an amount has more than 12 decimals.
 */
export function billClusterHour(hour: ClusterHour, settings: BillSettings): ClusterBill {
  return readBill(hour, settings, clusterBiller(settings)(hour));
}

/**
 * The same for many hours, without making objects. It takes about 300 ns for a namespace in an hour, with all three parts in both
 * bases, and 450 ns where each stands on three nodes: 2.4 million of them in 0.7 s, while PostgreSQL sums rows times rounded shares
 * in 2.1 s on the same two cores. Bigint takes about 4,000 ns.
 *
 * Exact integers in doubles where the hour's costs are below 2,251 of the currency, otherwise in bigint, with the same result.
 */
export function clusterBiller(settings: BillSettings): (hour: ClusterHour) => HourUnits {
  const [doubles, bigints] = [doubleUnits(), bigintUnits()];
  const [doubleRoom, bigintRoom] = [billRoom(doubles), billRoom(bigints)];
  return (hour) => {
    const digits: string[] = [];
    for (const costs of [hour.nodes, hour.others])
      for (const cost of costs) for (const basis of BILL_BASES) digits.push(unitDigits(cost[basis]));
    // No sum of these can be larger than the sum of their magnitudes. Digits of zero with a sign would be a negative zero.
    const small = Float64Array.from(digits, (text) => Number(text) + 0);
    if (small.reduce((total, units) => total + Math.abs(units), 0) < MOST_UNITS)
      return { isLarge: false, ...billUnits(hour, settings, small, doubles, doubleRoom) };
    return { isLarge: true, ...billUnits(hour, settings, digits.map(BigInt), bigints, bigintRoom) };
  };
}

/** The units of an hour as amounts with names. */
export function readBill(hour: ClusterHour, settings: BillSettings, units: HourUnits): ClusterBill {
  const count = hour.namespaces.length;
  const parts: Column<number | bigint> = units.parts;
  const rest: Column<number | bigint> = units.rest;
  const amounts = (read: (basis: number) => number | bigint | undefined) => {
    const [billed, effective] = BILL_BASES.map((_, basis) => unitsToAmount(read(basis) ?? 0));
    return { billed: billed ?? "0", effective: effective ?? "0" } satisfies Record<BillBasis, string>;
  };
  const part = (kind: (typeof PART_KINDS)[number], namespace: number) =>
    amounts((basis) => parts[(PART_KINDS.indexOf(kind) * BILL_BASES.length + basis) * count + namespace]);
  const remainder = (kind: (typeof REST_KINDS)[number]) =>
    amounts((basis) => rest[REST_KINDS.indexOf(kind) * BILL_BASES.length + basis]);
  return {
    namespaces: hour.namespaces.map((namespace, index) => ({
      namespace,
      direct: part("direct", index),
      idle: part("idle", index),
      shared: part("shared", index),
      given: part("given", index),
    })),
    idle: remainder("idle"),
    idleCarriedBy: settings.idle === "by-use" ? "namespaces" : settings.idle === "owner" ? "owner" : "nobody",
    overhead: remainder("overhead"),
    unobserved: remainder("unobserved"),
    notes: notesOf(hour, units),
  };
}

function notesOf(hour: ClusterHour, { gaps, areNodesApart }: Pick<HourUnits, "gaps" | "areNodesApart">): string[] {
  const named = (bit: number) => hour.namespaces.filter((_, index) => ((gaps[index] ?? 0) & bit) !== 0).join(", ");
  const sentences = [
    [named(GAP.countedByRequests), "use was not observed, so that what was requested counts: "],
    [named(GAP.countedByUse), "requests are not known, so that what was used counts: "],
    [named(GAP.unobserved), "nothing was observed, so that what is left of their nodes is unobserved and not idle: "],
  ].flatMap(([names, sentence]) => (names === "" ? [] : [`Of some namespaces ${sentence}${names}.`]));
  if (!hour.isObserved)
    sentences.push(
      "The cluster was not observed in all of this hour, so that what nobody accounts for is unobserved and not idle.",
    );
  if (!areNodesApart)
    sentences.push("It is not known which node every namespace ran on, so that the nodes were taken as one.");
  return sentences;
}
