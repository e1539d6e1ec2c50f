import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { proveDormancy } from "#demo/prove/dormancy.ts";
import { holds } from "#demo/prove/measure.ts";
import { namespaceTruth } from "#demo/estate/namespaces.ts";
import { addLook, KINDS_OF_SIGN, type SignHistory } from "#lib/services/namespaces/sign-history.ts";
import { observationGaps, type Look } from "#lib/services/namespaces/observation-gaps.ts";
import type { NamespaceInventory, WorkloadItem } from "#lib/sources/cluster-inventory.ts";
import { openClusterWorkshop, type ClusterWorkshop } from "./clusters-workshop.ts";

let workshop: ClusterWorkshop;
beforeAll(async () => {
  workshop = await openClusterWorkshop(["crm-prod"]);
});
afterAll(() => workshop?.close());

/** Few looks, and yet dormant namespaces and several kinds of traps. The proof at full size looks at every cluster. */
const REPLAYED = ["crm-prod", "quote-engine-prod", "workplace-prod"];

test("over five weeks all that was planted dormant is found, and no trap is proposed on any day", async () => {
  const { estate, instance } = workshop;
  const measures = await proveDormancy({ estate, database: instance.database, clusters: REPLAYED });
  expect(measures.filter((measure) => !holds(measure))).toEqual([]);
  const planted = namespaceTruth(estate).filter(({ cluster, dormant }) => dormant && REPLAYED.includes(cluster)).length;
  expect([planted, measures[0]?.found]).toEqual([5, "5"]);
  const traps = measures.filter(({ measure }) => measure.startsWith("trap "));
  expect(traps.map(({ measure }) => measure)).toEqual([
    "trap gitops-at-zero: proposed of 1",
    "trap long-interval-cron: proposed of 1",
    "trap protected-label: proposed of 1",
  ]);
}, 600_000);

const at = (day: number, hour = 12) => new Date(Date.UTC(2026, 9, day, hour));

describe("gaps of observation", () => {
  const looks = (...times: Date[]): Look[] =>
    times.map((time) => ({ at: time, outcome: "complete", unknownKinds: [] }));

  test("daily looks leave none, a week without any leaves one", () => {
    const daily = looks(...[1, 2, 3, 4, 5, 6].map((day) => at(day)));
    expect(observationGaps(daily, ["pods"], at(7))).toEqual([]);
    expect(observationGaps([...daily, ...looks(at(14))], ["pods"], at(14))).toEqual([
      { from: at(7, 14).toISOString(), to: at(14).toISOString() },
    ]);
  });

  test("hourly looks stand for two hours, so that a night without any is a gap", () => {
    const hours = [0, 1, 2, 3, 4, 14, 15];
    const gaps = observationGaps(looks(...hours.map((hour) => at(1, hour))), ["pods"], at(1, 16));
    expect(gaps).toEqual([{ from: at(1, 6).toISOString(), to: at(1, 14).toISOString() }]);
  });

  test("a look that failed, or that could not read the kind, is none", () => {
    const blind: Look[] = [2, 3, 4, 5].map((day) => ({ at: at(day), outcome: "complete", unknownKinds: ["pods"] }));
    const all = [...looks(at(1)), ...blind, ...looks(at(6))];
    expect(observationGaps(all, KINDS_OF_SIGN.pods, at(6))).toHaveLength(1);
    expect(observationGaps(all, KINDS_OF_SIGN.jobs, at(6))).toEqual([]);
    const failed: Look[] = [2, 3, 4, 5].map((day) => ({ at: at(day), outcome: "failed", unknownKinds: [] }));
    expect(observationGaps([...looks(at(1)), ...failed, ...looks(at(6))], [], at(6))).toHaveLength(1);
  });
});

describe("what looks have seen of a namespace", () => {
  const workload = (parts: Partial<WorkloadItem>): WorkloadItem => ({
    kind: "Deployment",
    name: "api",
    uid: "w",
    desired: 0,
    ready: 0,
    images: ["api:1"],
    lastRolloutAt: null,
    generation: 1,
    managedBy: null,
    isSuspended: false,
    ...parts,
  });
  const seen = (parts: Partial<NamespaceInventory>) =>
    ({
      pods: { total: 0, running: 0, pending: 0, requests: { cpuCores: 0, memoryGib: 0, gpus: 0 } },
      workloads: [],
      jobs: [],
      cronJobs: [],
      services: [],
      ...parts,
    }) as NamespaceInventory;
  const after = (...parts: Partial<NamespaceInventory>[]) =>
    parts.reduce<SignHistory | null>((history, part, index) => addLook(history, seen(part), at(index + 1)), null);

  test("begins with the first look, and remembers the last use", () => {
    const running = { pods: { total: 2, running: 1, pending: 0, requests: { cpuCores: 0, memoryGib: 0, gpus: 0 } } };
    expect(after(running, running, {}, {})?.signs.pods).toEqual({
      observedFrom: at(1).toISOString(),
      lastUse: at(2).toISOString(),
      detail: "1 of them",
    });
  });

  test("does not begin, and does not move, while the kind may not be read", () => {
    expect(after({ pods: null })?.signs.pods).toBeUndefined();
    expect(after({ pods: null }, {})?.signs.pods?.observedFrom).toBe(at(2).toISOString());
    expect(after({ workloads: null }, { workloads: [] })?.signs.image?.lastUse).toBeNull();
  });

  test("finished pods are no presence, and a job that ran is use at the time at which it ended", () => {
    const done = { name: "load", startedAt: at(1, 2), lastFinishedAt: at(1, 3), active: 0, cronJob: null };
    const finished = { total: 5, running: 0, pending: 0, requests: { cpuCores: 0, memoryGib: 0, gpus: 0 } };
    const history = after({ pods: finished, jobs: [done] });
    expect(history?.signs.pods?.lastUse).toBeNull();
    expect(history?.signs.jobs?.lastUse).toBe(at(1, 3).toISOString());
  });

  test("an image that changes between two looks is a change at the later one; the first look is none", () => {
    const one = { workloads: [workload({})] };
    const two = { workloads: [workload({ images: ["api:2"] })] };
    expect(after(one, one)?.signs.image?.lastUse).toBeNull();
    expect(after(one, two, two)?.signs.image?.lastUse).toBe(at(2).toISOString());
    expect(after(one, { workloads: null }, two)?.signs.image?.lastUse).toBe(at(3).toISOString());
  });

  test("a workload that asks for something else than at the look before was rolled out since", () => {
    const one = { workloads: [workload({ kind: "StatefulSet" })] };
    const two = { workloads: [workload({ kind: "StatefulSet", generation: 2 })] };
    expect(after(one, one)?.signs.rollout?.lastUse).toBeNull();
    expect(after(one, two, two)?.signs.rollout?.lastUse).toBe(at(2).toISOString());
  });

  test("a cluster whose clock is ahead uses nothing later than we looked", () => {
    const rollout = { workloads: [workload({ lastRolloutAt: at(20) })] };
    expect(after(rollout)?.signs.rollout?.lastUse).toBe(at(1).toISOString());
  });
});
