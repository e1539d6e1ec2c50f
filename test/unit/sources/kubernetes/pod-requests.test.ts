import fc from "fast-check";
import { expect, test } from "vitest";
import type { PodSpec } from "#lib/sources/kubernetes/api-types.ts";
import { requestsOf } from "#lib/sources/kubernetes/read-pods.ts";

const asks = (cpu: string, memory = "0", rest: object = {}) => ({ resources: { requests: { cpu, memory } }, ...rest });

test("containers that run side by side are added up", () => {
  expect(requestsOf({ containers: [asks("250m", "1Gi"), asks("1", "512Mi"), {}] })).toEqual({
    cpuCores: 1.25,
    memoryGib: 1.5,
    gpus: 0,
  });
});

test("a large step of the start counts where it is more than what runs later, by resource", () => {
  const spec = { containers: [asks("500m", "4Gi")], initContainers: [asks("2", "1Gi"), asks("1", "2Gi")] };
  expect(requestsOf(spec)).toMatchObject({ cpuCores: 2, memoryGib: 4 });
});

test("a sidecar runs beside the containers and beside the steps after it", () => {
  const sidecar = asks("100m", "0", { restartPolicy: "Always" });
  expect(requestsOf({ containers: [asks("1")], initContainers: [sidecar, asks("2")] }).cpuCores).toBeCloseTo(2.1, 12);
  expect(requestsOf({ containers: [asks("1")], initContainers: [asks("500m"), sidecar] }).cpuCores).toBeCloseTo(
    1.1,
    12,
  );
});

test("the runtime's overhead is added, and what is asked for the pod as a whole stands instead of the sum", () => {
  const spec: PodSpec = { containers: [asks("1", "1Gi")], overhead: { cpu: "250m" } };
  expect(requestsOf(spec).cpuCores).toBe(1.25);
  expect(requestsOf({ ...spec, resources: { requests: { cpu: "3" } } })).toMatchObject({
    cpuCores: 3.25,
    memoryGib: 1,
  });
});

test("devices of every vendor are counted, slices of one are not", () => {
  const requests = { "nvidia.com/gpu": "2", "amd.com/gpu": 1, "nvidia.com/mig-1g.5gb": "4" };
  expect(requestsOf({ containers: [{ resources: { requests } }] }).gpus).toBe(3);
});

test("no order of the containers changes the sum, and one more never lowers it", () => {
  const container = fc.integer({ min: 0, max: 64 }).map((cores) => asks(String(cores)));
  fc.assert(
    fc.property(fc.array(container, { maxLength: 6 }), container, (containers, extra) => {
      const { cpuCores } = requestsOf({ containers });
      expect(requestsOf({ containers: containers.toReversed() }).cpuCores).toBe(cpuCores);
      expect(requestsOf({ containers: [...containers, extra] }).cpuCores).toBeGreaterThanOrEqual(cpuCores);
    }),
  );
});
