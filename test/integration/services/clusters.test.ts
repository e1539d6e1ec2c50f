import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { plannedClusters } from "#demo/estate/namespaces.ts";
import type { Actor } from "#lib/access/actor.ts";
import { readCluster } from "#lib/services/clusters/read-cluster.ts";
import { endOverrule } from "#lib/services/namespaces/end-overrule.ts";
import { endExemption } from "#lib/services/namespaces/end-exemption.ts";
import { exemptNamespaces } from "#lib/services/namespaces/exempt-namespaces.ts";
import { overruleOwner } from "#lib/services/namespaces/overrule-owner.ts";
import { readNamespace } from "#lib/services/namespaces/read-namespace.ts";
import { listNamespaces } from "#lib/services/sprawl/list-namespaces.ts";
import { readSprawl } from "#lib/services/sprawl/read-sprawl.ts";
import { DEFAULT_SPRAWL_QUERY } from "#lib/services/sprawl/sprawl-view.ts";
import { readTeam } from "#lib/services/teams/read-team.ts";
import { day } from "#lib/domain/period.ts";
import type { RunView } from "#lib/services/sources/source-view.ts";
import { until } from "#test/integration/instance.ts";
import { openClusterWorkshop, TODAY, type ClusterWorkshop } from "./clusters-workshop.ts";

const CLUSTER = "motor-claims-prod";
const OTHER = "regulatory-prod";
const at = (hour: number) => new Date(Date.parse(`${TODAY}T00:00:00Z`) + hour * 3_600_000);
const platform: Actor = { id: "lead@example.com", name: "Lead", role: "platform", teamKey: null };
const member = (teamKey: string | null): Actor => ({ id: "m@example.com", name: "M", role: "member", teamKey });

let workshop: ClusterWorkshop;
let looked: RunView[];
beforeAll(async () => {
  workshop = await openClusterWorkshop([CLUSTER, OTHER]);
  looked = await workshop.look(at(8));
}, 120_000);
afterAll(() => workshop?.close());

const context = (actor?: Actor, now = at(20)) => ({ ...workshop.instance.context(actor), now });
const list = (query: object = {}) => listNamespaces(context(), { ...DEFAULT_SPRAWL_QUERY, ...query });
const living = (cluster: string) =>
  plannedClusters(workshop.estate)
    .filter(({ name }) => name === cluster)
    .flatMap(({ lives }) => lives.filter(({ deleted }) => deleted === null));
const first = () => {
  const [namespace] = living(CLUSTER).filter(({ isSystem, evidence }) => !isSystem && evidence === "label");
  if (!namespace) throw new Error("no namespace with a label was planted");
  return namespace;
};
const query = async (text: string, values: unknown[] = []) =>
  (await workshop.instance.database.pool.query<Record<string, unknown>>(text, values)).rows;

describe("a look at a cluster", () => {
  test("lists every namespace that was planted, once, and looking again begins no stretch", async () => {
    expect(looked.map(({ state, error }) => [state, error?.message])).toEqual([
      ["succeeded", undefined],
      ["succeeded", undefined],
    ]);
    const planted = [...living(CLUSTER), ...living(OTHER)].map(({ uid }) => uid).toSorted();
    const { rows, total } = await list({ limit: 500 });
    expect(rows.map(({ uid }) => uid).toSorted()).toEqual(planted);
    expect(total).toBe(planted.length);
    const before = await query("SELECT count(*) FROM namespace");
    await workshop.look(at(9));
    expect(await query("SELECT count(*) FROM namespace")).toEqual(before);
    expect(await query("SELECT count(*)::int AS open FROM namespace_owner WHERE seen_to IS NULL")).toEqual([
      { open: planted.length },
    ]);
  });

  test("of one that is down keeps what was there, says since when it is unknown, and leaves the others alone", async () => {
    workshop.server.faults.down(CLUSTER);
    const runs = await workshop.look(at(10));
    workshop.server.faults.up(CLUSTER);
    expect(runs.map(({ state }) => state)).toEqual(["failed", "succeeded"]);
    const { clusters } = await readSprawl(context(), DEFAULT_SPRAWL_QUERY);
    expect(clusters.find(({ key }) => key === CLUSTER)).toMatchObject({
      lookedAt: at(9).toISOString(),
      unknownSince: at(10).toISOString(),
      error: expect.stringMatching(/./),
      namespaces: living(CLUSTER).length,
    });
    expect(clusters.find(({ key }) => key === OTHER)).toMatchObject({ unknownSince: null, error: null });
    expect((await list({ clusters: [CLUSTER], limit: 500 })).total).toBe(living(CLUSTER).length);
    expect((await readCluster(context(), { clusterKey: CLUSTER, asOf: at(9.5) })).standing.unknownSince).toBeNull();
  });

  test("that may not list namespaces concludes that none is gone", async () => {
    workshop.server.faults.forbid({ cluster: OTHER, resource: "namespaces" });
    await workshop.look(at(11), [OTHER]);
    workshop.server.faults.clear();
    expect((await list({ clusters: [OTHER], limit: 500 })).total).toBe(living(OTHER).length);
    const { standing } = await readCluster(context(), { clusterKey: OTHER, asOf: null });
    expect(standing.unknownSince).toBe(at(11).toISOString());
    expect(standing.unknown.find(({ kind }) => kind === "namespaces")?.rbacLine).toContain("namespaces");
  });

  test("that may not list pods knows nothing of them, and keeps the rest", async () => {
    workshop.server.faults.forbid({ cluster: OTHER, resource: "pods" });
    await workshop.look(at(12), [OTHER]);
    workshop.server.faults.clear();
    const { rows } = await list({ clusters: [OTHER], limit: 500 });
    expect(rows.map(({ pods }) => pods)).toEqual(rows.map(() => null));
    expect(rows.some(({ loadBalancers }) => loadBalancers !== null)).toBe(true);
    const [row] = rows;
    const view = await readNamespace(context(), { clusterKey: OTHER, uid: row?.uid ?? "", asOf: null });
    expect(view.content.pods).toBeNull();
    expect(view.unknown.map(({ kind }) => kind)).toContain("pods");
  });

  test("that may not list role bindings forgets no claim that was read from them", async () => {
    const claims = () =>
      query(
        "SELECT subject_key, names_value FROM ownership_claim WHERE origin = 'role-binding' AND seen_to IS NULL ORDER BY 1, 2",
      );
    const before = await claims();
    expect(before.length).toBeGreaterThan(0);
    workshop.server.faults.forbid({ resource: "rolebindings.rbac.authorization.k8s.io" });
    await workshop.look(at(13));
    workshop.server.faults.clear();
    expect(await claims()).toEqual(before);
  });
});

describe("a namespace that is deleted and made again", () => {
  test("has two lives, and as of an instant the one that was there then", async () => {
    const { name, uid } = first();
    await askServer("DELETE", `/api/v1/namespaces/${name}`);
    await until(
      "the namespace is gone",
      async () => (await askServer("GET", `/api/v1/namespaces/${name}`)).status === 404,
    );
    await workshop.look(at(14), [CLUSTER]);
    expect((await list({ search: name })).rows.filter((row) => row.name === name)).toEqual([]);
    const made = { apiVersion: "v1", kind: "Namespace", metadata: { name, labels: { team: "crm" } } };
    expect((await askServer("POST", "/api/v1/namespaces", made)).status).toBe(201);
    await workshop.look(at(15), [CLUSTER]);

    const now = await readNamespace(context(), { clusterKey: CLUSTER, name, asOf: null });
    expect(now.row.uid).not.toBe(uid);
    expect(now.owner.team?.key).toBe("crm");
    expect(now.lives).toMatchObject([{ uid, goneAt: at(14).toISOString() }]);
    const then = await readNamespace(context(), { clusterKey: CLUSTER, name, asOf: at(13.5) });
    expect(then.row.uid).toBe(uid);
    expect(then.owner.team?.key).toBe(first().ownerTeam);
    // Why it was judged so and what was inside are those of the look that first gave the verdict of then; no bill was split.
    expect(then.dormancy?.signs.length).toBeGreaterThan(0);
    expect(then.dormancy?.judgedAt).toBe(then.contentSeenAt);
    expect(Date.parse(then.contentSeenAt ?? "")).toBeLessThan(at(13.5).getTime());
    expect(then.content.workloads?.length).toBeGreaterThan(0);
    expect(then.cost).toBeNull();
    expect((await readNamespace(context(), { clusterKey: CLUSTER, name, asOf: null })).contentSeenAt).toBeNull();
    const listed = await list({ asOf: at(13.5), clusters: [CLUSTER], search: name });
    expect(listed.rows.map((row) => row.uid)).toContain(uid);
    const dead = await readNamespace(context(), { clusterKey: CLUSTER, uid, asOf: null });
    expect(dead.goneAt).toBe(at(14).toISOString());
    expect(dead.history.map(({ kind }) => kind)).toContain("deleted");
  });
});

describe("a decision of a person", () => {
  const some = () => {
    const own = living(CLUSTER).filter((one) => one.ownerTeam !== "crm" && one.uid !== first().uid && !one.isSystem);
    return own.slice(0, 3).map(({ uid }) => ({ clusterKey: CLUSTER, uid }));
  };
  const decision = () => ({ namespaces: some(), teamKey: "crm", reason: "They took it over.", until: null });
  const ownersOf = async () => {
    const { rows } = await list({ clusters: [CLUSTER], limit: 500 });
    return rows.filter(({ uid }) => some().some((one) => one.uid === uid)).map(({ owner }) => owner);
  };

  test("overrules what is claimed about several namespaces, until it is ended, and is logged", async () => {
    const before = await ownersOf();
    await overruleOwner(context(platform), decision());
    for (const owner of await ownersOf())
      expect(owner).toMatchObject({ team: { key: "crm" }, strength: "explicit", origin: "The override" });
    await workshop.look(at(16), [CLUSTER]);
    expect((await ownersOf()).map(({ team }) => team?.key)).toEqual(["crm", "crm", "crm"]);
    const logged = await query("SELECT actor_id, after FROM activity WHERE action = 'owner.overruled'");
    expect(logged).toMatchObject([{ actor_id: platform.id, after: { teamKey: "crm", reason: "They took it over." } }]);

    for (const { uid } of some()) {
      const view = await readNamespace(context(), { clusterKey: CLUSTER, uid, asOf: null });
      expect(view.overrides).toMatchObject([{ isActive: true, by: platform.id }]);
      expect(view.owner.claims[0]).toMatchObject({ origin: "override", standing: "won" });
      expect(view.owner.claims.length).toBeGreaterThan(1);
      await endOverrule(context(platform, at(21)), { id: view.overrides[0]?.id });
    }
    expect(await ownersOf()).toEqual(before);
    expect(await query("SELECT count(*)::int AS ended FROM activity WHERE action = 'overrule.ended'")).toEqual([
      { ended: 3 },
    ]);
  });

  test("is refused to a role that may not, for a team that is not there, and for an end that has passed", async () => {
    const member = { ...platform, role: "finance" as const };
    await expect(overruleOwner(context(member), decision())).rejects.toMatchObject({ code: "forbidden" });
    await expect(overruleOwner(context(platform), { ...decision(), teamKey: "nobody" })).rejects.toMatchObject({
      code: "not_found",
    });
    await expect(overruleOwner(context(platform), { ...decision(), until: at(1).toISOString() })).rejects.toMatchObject(
      { code: "invalid_input" },
    );
    expect(await query("SELECT count(*)::int AS standing FROM ownership_override WHERE ended_at IS NULL")).toEqual([
      { standing: 0 },
    ]);
  });

  test("to keep a namespace stands in its verdict until it is ended", async () => {
    const [one] = some();
    const vetoes = async () =>
      (await readNamespace(context(), { clusterKey: CLUSTER, uid: one?.uid ?? "", asOf: null })).dormancy?.vetoes ?? [];
    expect((await vetoes()).map(({ kind }) => kind)).not.toContain("exemption");
    await exemptNamespaces(context(platform), { namespaces: [one], reason: "Recovery exercise.", until: null });
    expect((await vetoes()).find(({ kind }) => kind === "exemption")?.reason).toContain("Recovery exercise.");
    const { exemptions } = await readNamespace(context(), { clusterKey: CLUSTER, uid: one?.uid ?? "", asOf: null });
    await endExemption(context(platform, at(21)), { id: exemptions[0]?.id });
    expect((await vetoes()).map(({ kind }) => kind)).not.toContain("exemption");
    expect(await query("SELECT action FROM activity WHERE action LIKE '%exempt%' ORDER BY id")).toEqual([
      { action: "namespaces.exempted" },
      { action: "exemption.ended" },
    ]);
  });
});

describe("a member", () => {
  test("sees the own team's namespaces and nothing else, whatever is asked for", async () => {
    const team = "motor-claims";
    const as = context(member(team));
    for (const teams of [[], ["crm"], [""], [team, "crm"]]) {
      const page = await listNamespaces(as, { ...DEFAULT_SPRAWL_QUERY, teams, limit: 500 });
      expect(page.total).toBe(page.rows.length);
      for (const { owner } of page.rows) expect(owner.team?.key).toBe(team);
    }
    const view = await readSprawl(as, DEFAULT_SPRAWL_QUERY);
    expect(view.groups.teams.map(({ key }) => key)).toEqual([team]);
    expect(view.page.total).toBeGreaterThan(0);
    expect(view.coverage.namespaces.total).toBe(view.page.total);
    const foreign = (await list({ limit: 500 })).rows.find(({ owner }) => owner.team?.key !== team);
    await expect(
      readNamespace(as, { clusterKey: foreign?.clusterKey ?? "", uid: foreign?.uid ?? "", asOf: null }),
    ).rejects.toMatchObject({ code: "not_found" });
    await expect(readTeam(as, teamQuery("crm"))).rejects.toMatchObject({ code: "not_found" });
    expect((await readTeam(as, teamQuery(team))).namespaces.total).toBe(view.page.total);
  });

  test("of no team sees nothing", async () => {
    expect((await listNamespaces(context(member(null)), DEFAULT_SPRAWL_QUERY)).total).toBe(0);
  });
});

function teamQuery(teamKey: string) {
  return { teamKey, from: day("2026-11-01"), to: day("2026-11-21"), offset: 0, limit: 50, asOf: null };
}

async function askServer(method: string, path: string, body?: object): Promise<Response> {
  const { server } = workshop;
  return fetch(`${server.url}/clusters/${CLUSTER}${path}`, {
    method,
    headers: { authorization: `Bearer ${server.tokenOf(CLUSTER, "admin")}`, "content-type": "application/json" },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
}
