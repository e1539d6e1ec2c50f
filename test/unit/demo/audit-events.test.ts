import { expect, test } from "vitest";
import { auditLogsOf, SHORT_LIVED } from "#demo/estate/audit-events.ts";
import { createEstate } from "#demo/estate/estate.ts";
import { plannedClusters } from "#demo/estate/namespaces.ts";
import { isUseByPerson, makingOf } from "#lib/domain/trail/making.ts";
import { day } from "#lib/domain/period.ts";
import { parseAuditEvent } from "#lib/sources/kubernetes-audit/parse-events.ts";

const estate = createEstate({ seed: "audit", today: day("2026-11-21"), months: 4, scale: 0.02 });
const NOW = new Date("2026-11-21T12:00:00Z");
const events = auditLogsOf(estate).flatMap(({ cluster, events: records }) =>
  records.map((record, index) =>
    parseAuditEvent({ sourceKey: "audit", clusterKey: cluster }, JSON.stringify(record), { row: index + 1, now: NOW }),
  ),
);
const lives = plannedClusters(estate).flatMap((cluster) => cluster.lives);
const teamOf = (mail: string) => estate.people.find((person) => person.mail === mail)?.team;

test("the demo's audit logs say nothing else than what was planted", () => {
  const makings = events.flatMap((event) => makingOf(event) ?? []);
  const byPeople = makings.filter(({ person, name }) => person !== null && name !== SHORT_LIVED.name);
  expect(byPeople.length).toBeGreaterThan(50);
  for (const { uid, person } of byPeople) {
    const life = lives.find((one) => one.uid === uid);
    expect(teamOf(person ?? "")).toBe(life?.earlier?.ownerTeam ?? life?.ownerTeam);
  }
  const used = new Set(events.filter(isUseByPerson).map(({ clusterKey, namespace }) => `${clusterKey} ${namespace}`));
  expect(used.size).toBeGreaterThan(20);
  const quiet = lives.filter(({ dormant, trap, deleted }) => deleted === null && (dormant || trap !== null));
  expect(quiet.filter(({ cluster, name }) => used.has(`${cluster} ${name}`))).toEqual([]);
});

test("one namespace is known by the trail alone, with who made and who deleted it", () => {
  const own = events.filter(({ namespace }) => namespace === SHORT_LIVED.name);
  expect(own.map(({ action, person }) => `${action} ${person}`)).toEqual([
    `create namespaces ${SHORT_LIVED.maker}`,
    `delete namespaces ${SHORT_LIVED.deleter}`,
  ]);
  expect(new Set(events.map(({ eventKey }) => eventKey)).size).toBe(events.length);
});
