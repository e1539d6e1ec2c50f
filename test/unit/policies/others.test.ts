import { describe, expect, test } from "vitest";
import type { Verdict } from "#lib/domain/posture/verdict.ts";
import type {
  AccountFacts,
  DriftFacts,
  ImageFacts,
  NodeFacts,
  PersonFacts,
  SubjectFacts,
  VulnerabilityFacts,
} from "#lib/policies/facts.ts";
import {
  daysAgo,
  judgeAccount,
  judgeAdministration,
  judgeDrift,
  judgeNode,
  judgePerson,
  judgeTier,
  judgeWorkload,
} from "./judged.ts";

const node = (part: Partial<NodeFacts>): NodeFacts => ({
  createdAt: daysAgo(10),
  machineImage: "ami-1",
  machineImageCreatedAt: daysAgo(30),
  ...part,
});
test.each<[string, Partial<NodeFacts>, Verdict]>([
  ["node-age", {}, "pass"],
  ["node-age", { createdAt: daysAgo(60) }, "pass"],
  ["node-age", { createdAt: daysAgo(61) }, "fail"],
  ["node-age", { createdAt: null }, "unknown"],
  ["machine-image-age", {}, "pass"],
  ["machine-image-age", { machineImageCreatedAt: daysAgo(61) }, "fail"],
  ["machine-image-age", { machineImageCreatedAt: null }, "unknown"],
  ["machine-image-age", { machineImage: null }, "unknown"],
])("a node: %s %j is %s", (id, part, verdict) => {
  expect(judgeNode(id, node(part)).verdict).toBe(verdict);
});

const image = (part: Partial<ImageFacts> = {}): ImageFacts => ({
  image: "registry.example/api:1",
  createdAt: daysAgo(20),
  isEndOfLife: false,
  system: "debian 13",
  ...part,
});
test.each<[string, ImageFacts[], Verdict]>([
  ["made lately", [image()], "pass"],
  ["whose system is not known", [image({ isEndOfLife: null, system: null })], "pass"],
  ["made long ago", [image(), image({ createdAt: daysAgo(181) })], "fail"],
  ["past its end of life", [image({ createdAt: null, isEndOfLife: true })], "fail"],
  ["that nobody dates", [image({ createdAt: null })], "unknown"],
  ["that is not named", [], "not_applicable"],
])("an image %s", (_name, images, verdict) => {
  expect(judgeWorkload("container-base-image-age", { images, vulnerabilities: null, unscanned: [] }).verdict).toBe(
    verdict,
  );
});

const hole = (part: Partial<VulnerabilityFacts> = {}): VulnerabilityFacts => ({
  id: "CVE-2026-1000",
  severity: "CRITICAL",
  publishedAt: daysAgo(15),
  fixedVersion: "1.2.3",
  package: "openssl",
  ...part,
});
test.each<[string, VulnerabilityFacts[] | null, Verdict]>([
  ["past its deadline", [hole()], "fail"],
  ["within its deadline", [hole({ publishedAt: daysAgo(14) })], "pass"],
  ["of a severity with more time", [hole({ severity: "HIGH" })], "pass"],
  ["of a severity without a deadline", [hole({ severity: "LOW", publishedAt: daysAgo(900) })], "pass"],
  ["of a severity that the scanner does not know", [hole({ severity: "UNKNOWN" })], "pass"],
  ["that nobody has fixed", [hole({ fixedVersion: null })], "pass"],
  ["that nobody dates", [hole({ publishedAt: null })], "unknown"],
  ["that nobody dates, beside one that is late", [hole({ publishedAt: null }), hole()], "fail"],
  ["that no scanner looks for", null, "unknown"],
  ["that is not there", [], "pass"],
])("a vulnerability %s", (_name, vulnerabilities, verdict) => {
  expect(judgeWorkload("vulnerability-deadline", { images: [], vulnerabilities, unscanned: [] }).verdict).toBe(verdict);
});
test.each<[string, VulnerabilityFacts[], Verdict]>([
  ["nothing late", [hole({ publishedAt: daysAgo(14) })], "unknown"],
  ["nothing", [], "unknown"],
  ["something that nobody dates", [hole({ publishedAt: null })], "unknown"],
  ["something late", [hole()], "fail"],
])("a workload with %s in one image and another image that nobody scans", (_name, vulnerabilities, verdict) => {
  const facts = { images: [], vulnerabilities, unscanned: ["registry.example/side:2", "registry.example/init:1"] };
  expect(judgeWorkload("vulnerability-deadline", facts).verdict).toBe(verdict);
});
test("images that nobody scans are named", () => {
  const facts = { images: [], vulnerabilities: [], unscanned: ["registry.example/side:2", "registry.example/init:1"] };
  expect(judgeWorkload("vulnerability-deadline", facts)).toEqual({
    verdict: "unknown",
    note: "No scanner reports on registry.example/side:2, nor on 1 more of its images.",
    found: [{ image: "registry.example/side:2" }, { image: "registry.example/init:1" }],
  });
});
test("a vulnerability that nobody has fixed has a deadline where the settings say so, and is named", () => {
  const facts = { images: [], vulnerabilities: [hole({ fixedVersion: null })], unscanned: [] };
  const judgement = judgeWorkload("vulnerability-deadline", facts, { vulnerabilitiesWithoutFix: true });
  expect(judgement).toMatchObject({ verdict: "fail", found: [{ id: "CVE-2026-1000", fixedVersion: null }] });
});

test.each<[string, DriftFacts, Verdict]>([
  ["as declared", { isDrifted: false, driftedSince: null }, "pass"],
  ["otherwise for a week", { isDrifted: true, driftedSince: daysAgo(7) }, "pass"],
  ["otherwise for longer", { isDrifted: true, driftedSince: daysAgo(8) }, "fail"],
  ["otherwise, who knows since when", { isDrifted: true, driftedSince: null }, "unknown"],
  ["unread", { isDrifted: null, driftedSince: null }, "unknown"],
])("an application that is %s", (_name, facts, verdict) => {
  expect(judgeDrift("drift-age", facts).verdict).toBe(verdict);
});

const account = (part: Partial<AccountFacts> = {}): AccountFacts => ({
  isOpen: true,
  tags: { Team: "motor", env: "prod", "cost-center": "1" },
  hasTrail: true,
  hasConfig: true,
  ...part,
});
test.each<[string, Partial<AccountFacts>, Verdict]>([
  ["required-tags", {}, "pass"],
  ["required-tags", { tags: { team: " ", env: "prod" } }, "fail"],
  ["required-tags", { tags: null }, "unknown"],
  ["required-tags", { isOpen: false }, "not_applicable"],
  ["account-has-trail", {}, "pass"],
  ["account-has-trail", { hasTrail: false }, "fail"],
  ["account-has-trail", { hasTrail: null }, "unknown"],
  ["account-has-trail", { isOpen: false }, "not_applicable"],
  ["account-has-config", {}, "pass"],
  ["account-has-config", { hasConfig: false }, "fail"],
  ["account-has-config", { hasConfig: null }, "unknown"],
  ["account-has-config", { isOpen: false }, "not_applicable"],
])("an account: %s %j is %s", (id, part, verdict) => {
  expect(judgeAccount(id, account(part)).verdict).toBe(verdict);
});

const person = (part: Partial<PersonFacts> = {}): PersonFacts => ({
  leftAt: null,
  hasMfa: true,
  access: [],
  unread: [],
  ...part,
});
test.each<[string, Partial<PersonFacts>, Verdict]>([
  ["user-has-mfa", {}, "pass"],
  ["user-has-mfa", { hasMfa: false }, "fail"],
  ["user-has-mfa", { hasMfa: null }, "unknown"],
  ["user-has-mfa", { hasMfa: false, leftAt: daysAgo(1) }, "not_applicable"],
  ["leaver-has-no-access", {}, "not_applicable"],
  ["leaver-has-no-access", { leftAt: daysAgo(-1), access: ["x"] }, "not_applicable"],
  ["leaver-has-no-access", { leftAt: daysAgo(1) }, "pass"],
  ["leaver-has-no-access", { leftAt: daysAgo(1), access: ["the cluster a"] }, "fail"],
  ["leaver-has-no-access", { leftAt: daysAgo(1), unread: ["b"] }, "unknown"],
  ["leaver-has-no-access", { leftAt: daysAgo(1), access: ["the cluster a"], unread: ["b"] }, "fail"],
])("a person: %s %j is %s", (id, part, verdict) => {
  expect(judgePerson(id, person(part)).verdict).toBe(verdict);
});

const subject = (kind: string, name: string, part: Partial<SubjectFacts> = {}): SubjectFacts => ({
  kind,
  name,
  namespace: null,
  teamKey: null,
  ...part,
});
describe("cluster-admin", () => {
  const settings = { platformTeams: ["cloud-platform"] };
  test.each<[string, SubjectFacts[] | null, Verdict]>([
    ["is bound to nobody", [], "pass"],
    ["is bound to a group of Kubernetes", [subject("Group", "system:masters")], "pass"],
    ["is bound to the platform team", [subject("Group", "team-cloud-platform", { teamKey: "cloud-platform" })], "pass"],
    ["is bound to a person of the platform team", [subject("User", "a@x", { teamKey: "cloud-platform" })], "pass"],
    ["is bound to another team", [subject("Group", "team-motor", { teamKey: "motor" })], "fail"],
    ["is bound to somebody whom nobody knows", [subject("User", "b@x")], "fail"],
    ["is bound to a service account", [subject("ServiceAccount", "ci", { namespace: "build" })], "fail"],
    ["is bound to one that came with it", [subject("ServiceAccount", "c", { namespace: "kube-system" })], "pass"],
    ["is bound to whoever may not be read", null, "unknown"],
  ])("that %s", (_name, administrators, verdict) => {
    expect(judgeAdministration("no-cluster-admin-outside-platform", { administrators }, settings).verdict).toBe(
      verdict,
    );
  });
});

test.each<[string, Record<string, string> | null, Verdict]>([
  ["with a tier that demands it and a second region", { tier: "1", "example.com/dr": "eu-west-1" }, "pass"],
  ["with a tier that demands it", { "example.com/Tier": "Tier-1" }, "fail"],
  ["that says no itself", { tier: "critical", "multi-region": "false" }, "fail"],
  ["with a tier that does not", { tier: "3" }, "not_applicable"],
  ["without a tier", {}, "unknown"],
  ["whose tags may not be read", null, "unknown"],
])("something %s", (_name, tags, verdict) => {
  expect(judgeTier("region-redundancy", { tags }).verdict).toBe(verdict);
});
