import fc from "fast-check";
import type { DormancyEvidence } from "#lib/domain/dormancy/judge-dormancy.ts";
import { SIGN_NAMES, type SignEvidence, type SignName } from "#lib/domain/dormancy/sign.ts";
import type { NamespaceFacts } from "#lib/domain/dormancy/veto.ts";

export const AT = "2026-06-30T00:00:00.000Z";
export const LONG_AGO = "2026-01-01T00:00:00.000Z";

/** An instant so many days before AT. */
export function daysAgo(days: number): string {
  return new Date(Date.parse(AT) - days * 86_400_000).toISOString();
}

export type Observed = Extract<SignEvidence, { state: "observed" }>;

export function observed(more: Partial<Observed> = {}): Observed {
  return { state: "observed", observedFrom: LONG_AGO, gaps: [], lastUse: null, detail: "", ...more };
}

/** Every sign observed and quiet, but for those that are given. */
export function quietSigns(more: Partial<Record<SignName, SignEvidence>> = {}): DormancyEvidence["signs"] {
  return { ...Object.fromEntries(SIGN_NAMES.map((sign) => [sign, observed()])), ...more };
}

export function facts(more: Partial<NamespaceFacts> = {}): NamespaceFacts {
  return {
    name: "claims-test",
    labels: {},
    isTerminating: false,
    cronJobs: { known: true, value: [] },
    managedBy: { known: true, value: [] },
    watchedResources: { known: true, value: [] },
    volumes: { known: true, value: [] },
    exemption: null,
    ...more,
  };
}

const instantArbitrary = fc.integer({ min: 0, max: 90 }).map(daysAgo);
const gapArbitrary = fc
  .tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 5 }))
  .map(([days, length]) => ({ from: daysAgo(days + length), to: daysAgo(days) }));

/** Mostly quiet, so that every verdict comes up. */
const evidenceArbitrary: fc.Arbitrary<SignEvidence> = fc.oneof(
  { arbitrary: fc.constant(observed()), weight: 40 },
  {
    arbitrary: fc
      .record({
        observedFrom: instantArbitrary,
        gaps: fc.array(gapArbitrary, { maxLength: 3 }),
        lastUse: fc.option(instantArbitrary, { nil: null }),
      })
      .map(observed),
    weight: 2,
  },
  { arbitrary: fc.constant<SignEvidence>({ state: "not-collected", detail: "no metrics" }), weight: 3 },
  { arbitrary: fc.constant<SignEvidence>({ state: "unknown", detail: "denied" }), weight: 1 },
);

const factsArbitrary: fc.Arbitrary<NamespaceFacts> = fc.record({
  name: fc.constantFrom("claims-test", "claims-test", "kube-system"),
  labels: fc.constant({}),
  isTerminating: fc.boolean().filter((value) => !value),
  cronJobs: fc.constantFrom<NamespaceFacts["cronJobs"]>({ known: true, value: [] }, { known: false, detail: "denied" }),
  managedBy: fc.constant<NamespaceFacts["managedBy"]>({ known: true, value: [] }),
  watchedResources: fc.constant<NamespaceFacts["watchedResources"]>({ known: true, value: [] }),
  volumes: fc.constantFrom<NamespaceFacts["volumes"]>(
    { known: true, value: [] },
    { known: true, value: [{ name: "data", bytes: 10 }] },
  ),
  exemption: fc.constant(null),
});

export const dormancyArbitrary: fc.Arbitrary<DormancyEvidence> = fc.record({
  signs: fc
    .tuple(...SIGN_NAMES.map(() => evidenceArbitrary))
    .map((evidence) => Object.fromEntries(SIGN_NAMES.map((sign, index) => [sign, evidence[index]!]))),
  facts: factsArbitrary,
});
