import { expect, test } from "vitest";
import { DEFAULT_POLICY_SETTINGS } from "#lib/policies/policy-settings.ts";
import { workloadFacts } from "#lib/services/policies/cluster-facts.ts";
import type { ImageScan } from "#lib/sources/cluster-guardrails.ts";

const scan = (image: string, ids: string[] = []): ImageScan => ({
  image,
  system: "debian 12",
  isEndOfLife: true,
  vulnerabilities: ids.map((id) => ({ id, severity: "HIGH", publishedAt: null, fixedVersion: "2", package: "zlib" })),
});

function facts(images: string[], scans: ImageScan[] | null) {
  const template = { kind: "Deployment", name: "web", uid: "u", serviceAccount: "default", mountsToken: null };
  return workloadFacts({ ...template, images, imagesCreatedAt: null, variables: [] }, scans, DEFAULT_POLICY_SETTINGS);
}

test("an image without a report is unscanned, beside one that has its own", () => {
  const { vulnerabilities, unscanned } = facts(
    ["nginx:1.27", "registry.example/side:2"],
    [scan("nginx:1.27", ["CVE-1"])],
  );
  expect(vulnerabilities?.map(({ id }) => id)).toEqual(["CVE-1"]);
  expect(unscanned).toEqual(["registry.example/side:2"]);
});

test("a report names an image by its long name, and the workload by its short one", () => {
  const { images, unscanned } = facts(["nginx:1.27"], [scan("index.docker.io/library/nginx:1.27")]);
  expect(unscanned).toEqual([]);
  expect(images).toMatchObject([{ image: "nginx:1.27", isEndOfLife: true, system: "debian 12" }]);
});

test.each([[null], [[]]])(
  "of a workload with the reports %j no vulnerability is known, and no image scanned",
  (scans) => {
    expect(facts(["nginx:1.27"], scans)).toMatchObject({ vulnerabilities: null, unscanned: ["nginx:1.27"] });
  },
);
