import { expect, test } from "vitest";
import {
  approvalsOf,
  deploysOf,
  type Change,
  type DeployFact,
  type TicketFact,
} from "#lib/domain/trail/change-chain.ts";
import { isInWindows, parseWindows } from "#lib/domain/trail/change-window.ts";
import {
  costAround,
  endOf,
  meanRangeWords,
  movesAround,
  rangeAround,
  rangeWords,
} from "#lib/domain/trail/cost-around.ts";
import { day } from "#lib/domain/period.ts";

const at = new Date("2026-03-04T10:00:00Z");
const minutes = (count: number) => new Date(at.getTime() + count * 60_000);
const change: Change = {
  at,
  actor: "arn:aws:sts::111122223333:assumed-role/Deploy/run-CZcmD7eagjhyX0vN",
  person: "ada@example.com",
  resource: "namespaces/claims-prod",
  clusterKey: "eks-one",
  namespace: "claims-prod",
  accountId: "111122223333",
  accountName: "Claims-Production",
};
const ticket = (seq: number, changes: Partial<TicketFact> = {}): TicketFact => ({
  seq,
  number: `CHG${seq}`,
  item: `CHG${seq} claims-prod`,
  person: "ada@example.com",
  updatedAt: minutes(-600),
  from: minutes(-30),
  to: minutes(30),
  isApproved: true,
  approvedAt: minutes(-600),
  ...changes,
});
const deploy = (seq: number, changes: Partial<DeployFact> = {}): DeployFact => ({
  seq,
  at: minutes(-4),
  kind: "argocd",
  action: "Deployed",
  resource: "applications/claims",
  clusterKey: null,
  namespace: "claims-prod",
  actor: "argocd-application-controller",
  person: null,
  outcome: "success",
  ...changes,
});

test("a change request that names what was changed and whose it was comes first; what is neither is counted only", () => {
  const { links, others } = approvalsOf(change, [
    ticket(1, { item: "CHG1 claims-production-eu" }),
    ticket(2, { person: "eve@example.com" }),
    ticket(3),
    ticket(4, { person: null, item: "" }),
    ticket(5, { isApproved: false, approvedAt: null }),
    ticket(6, { approvedAt: minutes(5) }),
  ]);
  expect(links.map(({ title, strength }) => [title, strength])).toEqual([
    ["CHG3", "explicit"],
    ["CHG1", "derived"],
    ["CHG2", "weak"],
    ["CHG5", "weak"],
    ["CHG6", "weak"],
  ]);
  expect(others).toBe(1);
  const why = (title: string) => links.find((link) => link.title === title)?.why;
  expect(why("CHG3")).toBe(
    "Approved; planned from 09:30 UTC, 4 Mar 2026 to 10:30 UTC, 4 Mar 2026; assigned to ada@example.com, who did it; it names claims-prod.",
  );
  expect(why("CHG2")).toContain("assigned to eve@example.com, who did not do it");
  expect(why("CHG5")).toMatch(/^Not approved, or called off; /);
  expect(why("CHG6")).toContain(
    "The first version of it that was approved is of 10:05 UTC, 4 Mar 2026, after the change.",
  );
  // A person who is not known is nobody's assignee.
  expect(approvalsOf({ ...change, person: null }, [ticket(7, { person: null, item: "" })]).links).toEqual([]);
});

test.each<[string, Partial<DeployFact>, Partial<Change>, string | null, RegExp]>([
  [
    "to the namespace",
    {},
    {},
    "explicit",
    /^Deployed to the namespace claims-prod; in which cluster is not known; 4 min before the change; by argocd/,
  ],
  [
    "to the namespace of the cluster",
    { clusterKey: "eks-one" },
    {},
    "explicit",
    /^Deployed to the namespace claims-prod of the cluster eks-one; 4 min/,
  ],
  [
    "whose application became healthy",
    { action: "ResourceUpdated", clusterKey: "eks-one" },
    {},
    "derived",
    /^About what is deployed to the namespace claims-prod of the cluster eks-one;/,
  ],
  [
    "by the same person to a namespace of the same name in another cluster",
    { clusterKey: "eks-two", person: "ada@example.com" },
    {},
    null,
    /^$/,
  ],
  [
    "of the same name to another namespace",
    { namespace: "other", resource: "applications/claims-prod" },
    {},
    null,
    /^$/,
  ],
  [
    "of a run that the actor is called after",
    { kind: "terraform", namespace: null, resource: "run/run-CZcmD7eagjhyX0vN" },
    {},
    "explicit",
    /has the run run-CZcmD7eagjhyX0vN/,
  ],
  [
    "that names the account",
    {
      kind: "terraform",
      namespace: null,
      resource: "halvern/infra#7 accounts/claims-production default",
      at: minutes(2),
    },
    {},
    "derived",
    /^It names Claims-Production; 2 min after the change/,
  ],
  [
    "that names the bucket",
    { kind: "terraform", namespace: null, resource: "halvern/infra#7 claims-logs" },
    { namespace: null, resource: "arn:aws:s3:::claims-logs" },
    "derived",
    /^It names claims-logs/,
  ],
  [
    "that names what anything may be called",
    { kind: "terraform", namespace: null, resource: "halvern/api#7" },
    { resource: "deployments/api" },
    null,
    /^$/,
  ],
  [
    "by the same person",
    { kind: "terraform", namespace: null, resource: "halvern/infra#7", person: "ada@example.com", outcome: "failure" },
    {},
    "weak",
    /same person asked for it.*It failed\.$/,
  ],
  ["of nobody", { kind: "terraform", namespace: null, resource: "halvern/infra#7" }, {}, null, /^$/],
  [
    "beside one by Argo CD",
    { namespace: null, resource: "applications/other" },
    { actor: "system:serviceaccount:argocd:argocd-application-controller" },
    "weak",
    /Argo CD's own user/,
  ],
])("a deploy %s", (_what, changes, changed, strength, why) => {
  const { links, others } = deploysOf({ ...change, ...changed }, [deploy(1, changes)]);
  expect(links[0]?.strength ?? null).toBe(strength);
  expect(links[0]?.why ?? "").toMatch(why);
  expect(others).toBe(strength === null ? 1 : 0);
});

test("a day's cost is compared with the week before by the days that are known, and with nothing where none is", () => {
  expect(rangeAround(day("2026-03-08"))).toEqual({ from: "2026-03-01", to: "2026-03-16" });
  const values = ["1", "2", null, "3", "1", "1", "1", "1000", "5", "4", null, null, null, null, null];
  const around = costAround(day("2026-03-08"), values);
  expect(around.before).toEqual({ from: "2026-03-01", to: "2026-03-08", days: 7, known: 6, perDay: "1.5" });
  expect(around.after).toMatchObject({ from: "2026-03-09", days: 7, known: 2, perDay: "4.5" });
  expect(around.difference).toBe("3");
  const unknown = costAround(day("2026-03-08"), [...values.slice(0, 8), ...Array.from({ length: 7 }, () => null)]);
  expect([unknown.after.perDay, unknown.difference]).toEqual([null, null]);
  const parts = [
    { label: "same", values: Array.from({ length: 15 }, () => "7") },
    { label: "more", values },
    { label: "less", values: values.map((_, index) => (index < 8 ? "9" : "0")) },
  ];
  expect(movesAround(day("2026-03-08"), parts, 2)).toEqual([
    { label: "less", difference: "-9" },
    { label: "more", difference: "3" },
  ]);
});

test("an instant is in a window by the clocks of its place, over midnight and over the change of clocks", () => {
  const windows = parseWindows("mon,fri 07:00-19:00 Europe/Berlin; sat 22:00-06:00 Europe/Berlin") ?? [];
  const isIn = (instant: string) => isInWindows(windows, new Date(instant));
  // Two hours ahead of UTC until 25 October 2026, a Sunday, and one hour from then on.
  expect([isIn("2026-10-23T05:00:00Z"), isIn("2026-10-23T04:59:00Z")]).toEqual([true, false]);
  expect([isIn("2026-10-26T05:30:00Z"), isIn("2026-10-26T06:00:00Z")]).toEqual([false, true]);
  expect([isIn("2026-10-24T23:30:00Z"), isIn("2026-10-25T05:00:00Z")]).toEqual([true, false]);
});

test("a week that is not over ends now, and says how many of its days have come", () => {
  const { before, after } = costAround(day("2026-03-08"), []);
  const words = (today: string) => [before, after].map((mean) => meanRangeWords(mean, day(today)));
  expect(words("2026-03-15")).toEqual(["1 Mar 2026 to 7 Mar 2026", "9 Mar 2026 to 15 Mar 2026"]);
  expect(words("2026-03-11")).toEqual(["1 Mar 2026 to 7 Mar 2026", "9 Mar 2026 until now, 3 of 7 days"]);
  expect(words("2026-03-08")[1]).toBe("from 9 Mar 2026 on, which is still to come");
  const range = rangeAround(day("2026-03-08"));
  expect(rangeWords(range, day("2026-03-11"))).toBe("1 Mar 2026 until now");
  expect(["2026-02-01", "2026-03-11", "2026-04-01"].map((today) => endOf(range, day(today)))).toEqual([
    "2026-03-01",
    "2026-03-12",
    "2026-03-16",
  ]);
});
