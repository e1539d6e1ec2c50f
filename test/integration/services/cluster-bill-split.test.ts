import fc from "fast-check";
import { expect, test } from "vitest";
import type { USE_COLUMNS, UseRow } from "#lib/db/cluster-bill/read-split-inputs.ts";
import { BILL_BASES } from "#lib/domain/cluster-bill/cluster-hour.ts";
import { decimal, sum, toAmount } from "#lib/domain/money.ts";
import { amountOnDay, amountsInHour, type DayCost, type SplitDayInput } from "#lib/services/cluster-bill/day-hours.ts";
import { columnsOfDay } from "#lib/services/cluster-bill/day-uses.ts";
import { DEFAULT_METHOD, type MethodSettings } from "#lib/services/cluster-bill/method-settings.ts";
import { splitDay } from "#lib/services/cluster-bill/split-day.ts";

const START = Date.parse("2026-03-10T00:00:00Z");
const HOUR = 3_600_000;
const NAMESPACES = ["kube-system", "shop", "claims", "quotes"];
const MACHINES = ["i-aaaaaaaaaaaaaaaa1", "i-aaaaaaaaaaaaaaaa2", "i-aaaaaaaaaaaaaaaa3"];

/** Cost of a cluster, credits left out: "no part is negative" holds where nothing that is split is. */
const amount = fc.bigInt({ min: 0n, max: 40_000_000_000_000_000n }).map((units) => {
  const digits = units.toString().padStart(13, "0");
  return toAmount(decimal(`${digits.slice(0, -12)}.${digits.slice(-12)}`));
});
const cost: fc.Arbitrary<DayCost> = fc.record({
  kind: fc.constantFrom("node", "node", "control-plane", "volume", "balancer", "traffic", "other"),
  resourceId: fc.constantFrom(...MACHINES, "i-aaaaaaaaaaaaaaaa9", ""),
  namespace: fc.constantFrom("", "", "", "shop", "only-billed"),
  uid: fc.constant(""),
  startMs: fc.integer({ min: -30, max: 23 }).map((hour) => START + hour * HOUR),
  hours: fc.constantFrom(1, 7, 24, 744),
  billed: amount,
  effective: amount,
});

const reading = fc.oneof(
  { weight: 4, arbitrary: fc.double({ min: 0, max: 12, noNaN: true }) },
  { weight: 1, arbitrary: fc.constant(null) },
);
const measures: (typeof USE_COLUMNS)[number][] = ["cpu_requested", "cpu_used", "memory_requested", "memory_used"];
const uses = fc
  .array(
    fc.record({
      hour: fc.integer({ min: 0, max: 23 }),
      namespace: fc.constantFrom(...NAMESPACES),
      node: fc.constantFrom("node-0", "node-1", "node-2", "node-7", ""),
      values: fc.tuple(reading, reading, reading, reading),
    }),
    { maxLength: 60 },
  )
  .map((rows) =>
    rows
      .map(({ values, ...row }): UseRow => ({
        ...row,
        uid: `uid-${row.namespace}`,
        cpu_requested: null,
        cpu_used: null,
        cpu_larger: null,
        memory_requested: null,
        memory_used: null,
        memory_larger: null,
        gpu_requested: 0,
        gpu_used: 0,
        gpu_larger: null,
        ...Object.fromEntries(measures.map((name, index) => [name, values[index] ?? null])),
      }))
      .toSorted((a, b) => a.hour - b.hour),
  );

const settings: fc.Arbitrary<MethodSettings> = fc.record({
  method: fc.constantFrom("opencost", "aws-split-cost", "requests"),
  idle: fc.constantFrom("separate", "by-use", "owner"),
  idlePer: fc.constantFrom("node", "cluster"),
  shared: fc.record({
    names: fc.constantFrom<string[]>([], ["kube-*"], ["kube-system", "shop"], NAMESPACES),
    how: fc.constantFrom<MethodSettings["shared"]["how"]>("even", "by-use", { weights: { shop: "3", claims: "0.5" } }),
  }),
});

const day: fc.Arbitrary<SplitDayInput> = fc.record({
  startMs: fc.constant(START),
  costs: fc.array(cost, { maxLength: 12 }),
  uses: uses.map(columnsOfDay),
  nodes: fc.constantFrom(0, 2, 3).map((count) =>
    MACHINES.slice(0, count).map((tail, index) => ({
      name: `node-${index}`,
      tail,
      capacityType: null,
      capacity: { cpuCores: 8, memoryGib: 32, gpus: 0 },
      seenFromMs: 0,
      seenToMs: Number.POSITIVE_INFINITY,
    })),
  ),
  observedHours: fc.uniqueArray(fc.integer({ min: 0, max: 23 })).map((hours) => new Set(hours)),
  settings,
});

test("over any charges, gaps and settings the parts of a day are what was billed on it, exactly, and none is negative", () => {
  fc.assert(
    fc.property(day, (input) => {
      const { rows, total } = splitDay(input);
      for (const basis of BILL_BASES) {
        const charged = toAmount(sum(input.costs.map((one) => amountOnDay(one, START, basis))));
        const parts = rows.flatMap((row) => [row.direct[basis], row.idle[basis], row.shared[basis]]);
        expect(total[basis]).toBe(charged);
        expect(toAmount(sum(parts))).toBe(charged);
        expect(parts.filter((part) => decimal(part).isNegative())).toEqual([]);
      }
    }),
    { numRuns: 300 },
  );
});

test("what a namespace had is by resource the same, exactly", () => {
  fc.assert(
    fc.property(day, (input) => {
      for (const row of splitDay(input).rows.filter(({ kind }) => kind === "namespace"))
        for (const [position, basis] of BILL_BASES.entries()) {
          const had = row.given[basis] === "0" ? row.direct[basis] : row.given[basis];
          expect(toAmount(sum(Object.values(row.resources).map((amounts) => amounts[position] ?? "0")))).toBe(had);
        }
    }),
    { numRuns: 150 },
  );
});

test("a charge over many hours counts alike in each, and all of them are the charge", () => {
  fc.assert(
    fc.property(cost, fc.boolean(), (charge, isCredit) => {
      const signed = isCredit ? { ...charge, billed: toAmount(decimal(charge.billed).negated()) } : charge;
      const hours = Array.from({ length: signed.hours }, (_, hour) =>
        amountsInHour(signed, signed.startMs + hour * HOUR),
      );
      expect(toAmount(sum(hours.map((one) => one?.billed ?? "0")))).toBe(signed.billed);
      expect(amountsInHour(signed, signed.startMs - HOUR)).toBeNull();
      expect(amountsInHour(signed, signed.startMs + signed.hours * HOUR)).toBeNull();
    }),
  );
});

test("without anybody's use a machine is idle where that was seen, and unobserved where nobody looked", () => {
  const input: SplitDayInput = {
    startMs: START,
    costs: [
      {
        kind: "node",
        resourceId: MACHINES[0] ?? "",
        namespace: "",
        uid: "",
        startMs: START,
        hours: 24,
        billed: "24",
        effective: "12",
      },
      {
        kind: "control-plane",
        resourceId: "",
        namespace: "",
        uid: "",
        startMs: START,
        hours: 24,
        billed: "2.4",
        effective: "2.4",
      },
    ],
    uses: columnsOfDay([]),
    nodes: [],
    observedHours: new Set([0, 1, 2, 3, 4, 5]),
    settings: DEFAULT_METHOD,
  };
  const parts = Object.fromEntries(splitDay(input).rows.map((row) => [row.kind, row]));
  expect(parts["idle"]?.idle).toEqual({ billed: "6", effective: "3" });
  expect(parts["unobserved"]?.direct).toEqual({ billed: "18", effective: "9" });
  expect(parts["overhead"]?.direct).toEqual({ billed: "2.4", effective: "2.4" });
});
