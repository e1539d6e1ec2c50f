import { type Permission } from "#lib/access/permissions.ts";
import { billingPeriod, day } from "#lib/domain/period.ts";
import { exportAccounts } from "#lib/services/accounts/export-accounts.ts";
import { readAccounts } from "#lib/services/accounts/read-accounts.ts";
import { compareSources } from "#lib/services/sources/compare-sources.ts";
import { downloadReport } from "#lib/services/reports/download-report.ts";
import { listReports } from "#lib/services/reports/list-reports.ts";
import { makeReport } from "#lib/services/reports/make-report.ts";
import { previewReport } from "#lib/services/reports/preview-report.ts";
import { readReport } from "#lib/services/reports/read-report.ts";
import { requestReport } from "#lib/services/reports/request-report.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import { listActivity } from "#lib/services/activity/list-activity.ts";
import { listTeams } from "#lib/services/directory/list-teams.ts";
import { listApiBill } from "#lib/services/api/list-api-bill.ts";
import { closePeriod } from "#lib/services/periods/close-period.ts";
import { listPeriods } from "#lib/services/periods/list-periods.ts";
import { reopenPeriod } from "#lib/services/periods/reopen-period.ts";
import { listPools, listRules } from "#lib/services/rules/list-rules.ts";
import { moveRule } from "#lib/services/rules/move-rule.ts";
import { previewRule } from "#lib/services/rules/preview-rule.ts";
import { reallocateSlice } from "#lib/services/rules/reallocate-slice.ts";
import { removePool } from "#lib/services/rules/remove-pool.ts";
import { removeRule } from "#lib/services/rules/remove-rule.ts";
import { savePool } from "#lib/services/rules/save-pool.ts";
import { saveRule } from "#lib/services/rules/save-rule.ts";
import { abandonSilentRuns } from "#lib/services/runs/abandon-silent-runs.ts";
import { listRuns } from "#lib/services/runs/list-runs.ts";
import { readRun } from "#lib/services/runs/read-run.ts";
import { readCluster } from "#lib/services/clusters/read-cluster.ts";
import { endExemption } from "#lib/services/namespaces/end-exemption.ts";
import { endOverrule } from "#lib/services/namespaces/end-overrule.ts";
import { exemptNamespaces } from "#lib/services/namespaces/exempt-namespaces.ts";
import { overruleOwner } from "#lib/services/namespaces/overrule-owner.ts";
import { readNamespace } from "#lib/services/namespaces/read-namespace.ts";
import { offerLocalAdministrator } from "#lib/services/session/offer-local-administrator.ts";
import { listPublications } from "#lib/services/slices/list-publications.ts";
import { readDifference } from "#lib/services/slices/read-difference.ts";
import { importFiles } from "#lib/services/sources/import-files.ts";
import { listSources } from "#lib/services/sources/list-sources.ts";
import { planSource } from "#lib/services/sources/plan-source.ts";
import { pullSlice } from "#lib/services/sources/pull-slice.ts";
import { requestPull } from "#lib/services/sources/request-pull.ts";
import { syncSources } from "#lib/services/sources/sync-sources.ts";
import { exportSpend } from "#lib/services/spend/export-spend.ts";
import { exportAllocation } from "#lib/services/cluster-bill/export-allocation.ts";
import { readClusterBill } from "#lib/services/cluster-bill/read-cluster-bill.ts";
import { readNamespaceCost } from "#lib/services/cluster-bill/read-namespace-cost.ts";
import { readTeamEfficiency } from "#lib/services/cluster-bill/read-team-efficiency.ts";
import { saveClusterMethod } from "#lib/services/cluster-bill/save-cluster-method.ts";
import { splitCluster } from "#lib/services/cluster-bill/split-cluster.ts";
import { readUsage } from "#lib/services/usage/read-usage.ts";
import { sampleClusters } from "#lib/services/usage/sample-clusters.ts";
import { readLineItems } from "#lib/services/spend/read-line-items.ts";
import { exportUnused } from "#lib/services/sprawl/export-unused.ts";
import { listNamespaces } from "#lib/services/sprawl/list-namespaces.ts";
import { judgeEverybody } from "#lib/services/policies/judge-everybody.ts";
import { readCoverage } from "#lib/services/sprawl/read-coverage.ts";
import { readSprawl } from "#lib/services/sprawl/read-sprawl.ts";
import { readUnused } from "#lib/services/sprawl/read-unused.ts";
import { DEFAULT_SPRAWL_QUERY } from "#lib/services/sprawl/sprawl-view.ts";
import { setBudget } from "#lib/services/budgets/set-budget.ts";
import { readTeams } from "#lib/services/teams/read-teams.ts";
import { copyEvaluations } from "#lib/services/posture/copy-evaluations.ts";
import { exportSample } from "#lib/services/posture/export-sample.ts";
import { readAgeing } from "#lib/services/posture/read-ageing.ts";
import { readEvidence } from "#lib/services/posture/read-evidence.ts";
import { readPosture } from "#lib/services/posture/read-posture.ts";
import { readResource } from "#lib/services/posture/read-resource.ts";
import { readRule } from "#lib/services/posture/read-rule.ts";
import { readSample } from "#lib/services/posture/read-sample.ts";
import { streamEvaluations } from "#lib/services/posture/stream-evaluations.ts";
import { readTeam } from "#lib/services/teams/read-team.ts";
import { readOverview } from "#lib/services/spend/read-overview.ts";
import { readResources } from "#lib/services/spend/read-resources.ts";
import { readSpend } from "#lib/services/spend/read-spend.ts";
import { readSpendOptions } from "#lib/services/spend/read-spend-options.ts";
import { closePart } from "#lib/services/evaluations/close-parts.ts";
import { publishEvaluations, publishParts } from "#lib/services/evaluations/publish-evaluations.ts";
import { listFrameworkChoices } from "#lib/services/frameworks/list-framework-choices.ts";
import { addReportEvidence } from "#lib/services/manual-evidence/add-report-evidence.ts";
import { addManualEvidence } from "#lib/services/manual-evidence/add-manual-evidence.ts";
import { listManualEvidence } from "#lib/services/manual-evidence/list-manual-evidence.ts";
import { readManualEvidence } from "#lib/services/manual-evidence/read-manual-evidence.ts";
import { withdrawManualEvidence } from "#lib/services/manual-evidence/withdraw-manual-evidence.ts";
import { listPostureOptions } from "#lib/services/posture/list-posture-options.ts";
import { readControl } from "#lib/services/posture/read-control.ts";
import { readPosturePeriod } from "#lib/services/posture/read-posture-period.ts";
import { readResourceOwner } from "#lib/services/posture/read-resource-owner.ts";
import { NO_POSTURE_FILTERS } from "#lib/services/posture/posture-view.ts";
import { decideWaiver } from "#lib/services/waivers/decide-waiver.ts";
import { endWaiver } from "#lib/services/waivers/end-waiver.ts";
import { listWaivers } from "#lib/services/waivers/list-waivers.ts";
import { requestWaiver } from "#lib/services/waivers/request-waiver.ts";
import { readChangeWindows } from "#lib/services/trail/change/read-change-windows.ts";
import { readChangeChain } from "#lib/services/trail/change/read-change-chain.ts";
import { readTrailRecord } from "#lib/services/trail/search/read-trail-record.ts";
import { readConsistencyProof, readEntryProof } from "#lib/services/trail/heads/read-proof.ts";
import { checkTrail } from "#lib/services/trail/verify/check-trail.ts";
import { dropExpired } from "#lib/services/trail/retention/drop-expired.ts";
import { fillMfa } from "#lib/services/trail/append/fill-mfa.ts";
import { indexTrail } from "#lib/services/trail/verify/index-trail.ts";
import { liftHold } from "#lib/services/trail/retention/lift-hold.ts";
import { placeHold } from "#lib/services/trail/retention/place-hold.ts";
import { previewPseudonym } from "#lib/services/trail/people/preview-pseudonym.ts";
import { pseudonymisePerson } from "#lib/services/trail/people/pseudonymise-person.ts";
import { readRetention } from "#lib/services/trail/retention/read-retention.ts";
import { keptLines } from "#lib/services/trail/heads/kept-heads.ts";
import { publishHead } from "#lib/services/trail/heads/publish-head.ts";
import { readBucketHeads } from "#lib/services/trail/heads/read-bucket-heads.ts";
import { readHeads } from "#lib/services/trail/heads/read-heads.ts";
import { settleTrail } from "#lib/services/trail/append/settle-trail.ts";
import { sealTrail } from "#lib/services/trail/heads/seal-trail.ts";
import { listRelatedEvents } from "#lib/services/trail/search/list-related-events.ts";
import { listGaps } from "#lib/services/trail/search/list-gaps.ts";
import { listLeaverAccess } from "#lib/services/trail/search/list-leaver-access.ts";
import { listSavedSearches } from "#lib/services/trail/search/list-saved-searches.ts";
import { openSearch } from "#lib/services/trail/search/open-search.ts";
import { removeSearch } from "#lib/services/trail/search/remove-search.ts";
import { suggestTerms } from "#lib/services/trail/search/suggest-terms.ts";
import { saveSearch } from "#lib/services/trail/search/save-search.ts";
import { readTrailHistogram, searchTrail } from "#lib/services/trail/search/search-trail.ts";
import { readSpendSettings } from "#lib/services/spend/read-spend-settings.ts";
import { readUnallocated } from "#lib/services/spend/read-unallocated.ts";
import { type SpendQuery } from "#lib/services/spend/spend-view.ts";
import { TRAIL_QUERY } from "#test/integration/services/trail-workshop.ts";

const NO_ID = "00000000-0000-4000-8000-000000000000";
export const RANGE = { from: day("2026-03-01"), to: day("2026-05-01") };
export const QUERY: SpendQuery = {
  ...RANGE,
  basis: "billed",
  groupBy: "team",
  granularity: "month",
  compare: "none",
  currency: null,
  filters: {},
  kinds: [],
  asOf: null,
};
export const RULE = {
  ruleId: null,
  position: null,
  name: "a3",
  match: { subAccountId: ["a3"] },
  target: { kind: "team", team: "policy" },
  validFrom: null,
  validTo: null,
};
function emptyPart(at: Date) {
  return {
    sourceKey: "none",
    part: "none",
    at,
    goodForMs: 1,
    reading: { rules: [], items: nothing(), unread: () => [] },
  };
}

const POPULATION = { frameworkId: null, asOf: null, period: null, filters: NO_POSTURE_FILTERS, verdicts: [] };
const NO_FILTERS = { unit: null, state: null, presence: null, owner: null, find: "" };

/** Every verb that takes an actor, what it needs, and a call that is refused before its input matters. */
export const VERBS: [string, Permission, (context: ServiceContext) => Promise<unknown>][] = [
  ["listActivity", "activity:read", (context) => listActivity(context, { before: null, action: null, limit: 1 })],
  ["listRelatedEvents", "activity:read", (context) => listRelatedEvents(context, { accountId: "111122223333" })],
  ["searchTrail", "activity:read", (context) => searchTrail(context, TRAIL_QUERY, null)],
  [
    "readTrailHistogram",
    "activity:read",
    (context) => readTrailHistogram(context, { ...TRAIL_QUERY, from: new Date(0), to: new Date(1) }),
  ],
  ["readTrailRecord", "activity:read", (context) => readTrailRecord(context, 0)],
  ["readChangeChain", "activity:read", (context) => readChangeChain(context, 0)],
  ["readEntryProof", "activity:read", (context) => readEntryProof(context, 0, null)],
  ["readConsistencyProof", "activity:read", (context) => readConsistencyProof(context, 1, 2)],
  ["listGaps", "activity:read", (context) => listGaps(context, { from: new Date(0), to: new Date(1) })],
  ["listLeaverAccess", "activity:read", (context) => listLeaverAccess(context)],
  ["readChangeWindows", "activity:read", (context) => readChangeWindows(context)],
  ["suggestTerms", "activity:read", (context) => suggestTerms(context, { text: "any" })],
  ["listSavedSearches", "activity:read", (context) => listSavedSearches(context)],
  ["saveSearch", "activity:read", (context) => saveSearch(context, { name: "mine", search: {}, isWatched: true })],
  ["openSearch", "activity:read", (context) => openSearch(context, { id: 1 })],
  ["removeSearch", "activity:read", (context) => removeSearch(context, { id: 1 })],
  ["sealTrail", "trail:seal", (context) => sealTrail(context)],
  ["dropExpired", "trail:seal", (context) => dropExpired(context)],
  ["fillMfa", "trail:seal", (context) => fillMfa(context)],
  ["settleTrail", "trail:seal", (context) => settleTrail(context)],
  ["indexTrail", "trail:seal", (context) => indexTrail(context)],
  ["readRetention", "activity:read", (context) => readRetention(context)],
  ["checkTrail", "activity:read", (context) => checkTrail(context, { kept: keptLines(""), publicKey: "" })],
  ["publishHead", "heads:publish", (context) => publishHead(context)],
  ["readHeads", "activity:read", (context) => readHeads(context)],
  ["readBucketHeads", "activity:read", (context) => readBucketHeads(context)],
  ["placeHold", "holds:write", (context) => placeHold(context, {})],
  ["liftHold", "holds:write", (context) => liftHold(context, {})],
  ["previewPseudonym", "people:pseudonymise", (context) => previewPseudonym(context, {})],
  ["pseudonymisePerson", "people:pseudonymise", (context) => pseudonymisePerson(context, {})],
  ["listTeams", "directory:read", (context) => listTeams(context)],
  ["closePeriod", "periods:close", (context) => closePeriod(context, { period: "2026-01" })],
  ["reopenPeriod", "periods:close", (context) => reopenPeriod(context, { period: "2026-01" })],
  ["listPeriods", "rules:read", (context) => listPeriods(context)],
  ["listRules", "rules:read", (context) => listRules(context)],
  ["listPools", "rules:read", (context) => listPools(context)],
  ["previewRule", "rules:write", (context) => previewRule(context, RULE)],
  ["saveRule", "rules:write", (context) => saveRule(context, {})],
  ["moveRule", "rules:write", (context) => moveRule(context, { ruleId: NO_ID, position: 0 })],
  ["removeRule", "rules:write", (context) => removeRule(context, { ruleId: NO_ID })],
  ["savePool", "rules:write", (context) => savePool(context, {})],
  ["removePool", "rules:write", (context) => removePool(context, { key: "none" })],
  ["reallocateSlice", "sources:pull", (context) => reallocateSlice(context, { runId: NO_ID, sliceId: 0 })],
  ["abandonSilentRuns", "sources:pull", (context) => abandonSilentRuns(context)],
  ["listRuns", "sources:read", (context) => listRuns(context, { limit: 1 })],
  ["readRun", "sources:read", (context) => readRun(context, { runId: NO_ID })],
  ["offerLocalAdministrator", "directory:write", (context) => offerLocalAdministrator(context)],
  ["listPublications", "sources:read", (context) => listPublications(context, { sliceId: 0 })],
  ["readDifference", "sources:read", (context) => readDifference(context, { publicationId: 0 })],
  ["importFiles", "sources:pull", (context) => importFiles(context, { files: ["/nowhere.csv"] })],
  ["listApiBill", "sources:read", (context) => listApiBill(context, RANGE)],
  ["compareSources", "sources:read", (context) => compareSources(context, { sourceKey: "none" })],
  ["listSources", "sources:read", (context) => listSources(context)],
  [
    "planSource",
    "sources:pull",
    (context) => planSource(context, { sourceKey: "none", logicalTime: context.now, trigger: "person" }),
  ],
  [
    "pullSlice",
    "sources:pull",
    (context) => pullSlice(context, { runId: NO_ID, sourceKey: "none", period: "2026-03" }),
  ],
  ["requestPull", "sources:pull", (context) => requestPull(context, { sourceKey: "none", period: null })],
  ["syncSources", "sources:pull", (context) => syncSources(context)],
  ["exportSpend", "spend:export", (context) => exportSpend(context, QUERY, "csv")],
  ["readSpend", "spend:read", (context) => readSpend(context, QUERY)],
  [
    "readSpendOptions",
    "spend:read",
    (context) => readSpendOptions(context, { dimension: "team", ...RANGE, asOf: null }),
  ],
  ["readSpendSettings", "spend:read", (context) => readSpendSettings(context)],
  ["readUnallocated", "spend:read", (context) => readUnallocated(context, { ...RANGE, basis: "billed", asOf: null })],
  ["readResources", "spend:read", (context) => readResources(context, QUERY)],
  ["readLineItems", "spend:read", (context) => readLineItems(context, { ...QUERY, page: 1, pageSize: 10 })],
  [
    "exportAccounts",
    "spend:export",
    (context) => exportAccounts(context, { query: QUERY, filters: NO_FILTERS, format: "csv" }),
  ],
  ["readAccounts", "spend:read", (context) => readAccounts(context, QUERY)],
  ["readOverview", "spend:read", (context) => readOverview(context, { asOf: null })],
  ["readSprawl", "sprawl:read", (context) => readSprawl(context, DEFAULT_SPRAWL_QUERY)],
  ["readCoverage", "sprawl:read", (context) => readCoverage(context, { asOf: null })],
  ["listNamespaces", "sprawl:read", (context) => listNamespaces(context, DEFAULT_SPRAWL_QUERY)],
  ["readUnused", "sprawl:read", (context) => readUnused(context, { ...DEFAULT_SPRAWL_QUERY, withAsleep: false })],
  [
    "exportUnused",
    "sprawl:export",
    (context) => exportUnused(context, { ...DEFAULT_SPRAWL_QUERY, withAsleep: false }, "csv"),
  ],
  ["readNamespace", "sprawl:read", (context) => readNamespace(context, { clusterKey: "none", name: "a", asOf: null })],
  ["readCluster", "sprawl:read", (context) => readCluster(context, { clusterKey: "none", asOf: null })],
  [
    "readTeam",
    "sprawl:read",
    (context) => readTeam(context, { teamKey: "policy", ...RANGE, offset: 0, limit: 1, asOf: null }),
  ],
  [
    "readClusterBill",
    "sprawl:read",
    (context) => readClusterBill(context, { clusterKey: "none", ...RANGE, basis: "billed", asOf: null }),
  ],
  [
    "readNamespaceCost",
    "sprawl:read",
    (context) =>
      readNamespaceCost(context, {
        clusterKey: "none",
        namespace: "a",
        uid: null,
        ...RANGE,
        basis: "billed",
        asOf: null,
      }),
  ],
  [
    "readTeamEfficiency",
    "sprawl:read",
    (context) => readTeamEfficiency(context, { teamKey: "policy", ...RANGE, basis: "billed" }),
  ],
  [
    "exportAllocation",
    "spend:export",
    (context) => exportAllocation(context, { clusterKey: "none", ...RANGE, asOf: null }),
  ],
  ["saveClusterMethod", "rules:write", (context) => saveClusterMethod(context, {})],
  ["splitCluster", "sources:pull", (context) => splitCluster(context, { clusterKey: "none", ...RANGE })],
  ["readUsage", "sources:pull", (context) => readUsage(context, { sourceKey: "none", clusterKey: "none" })],
  ["sampleClusters", "sources:pull", (context) => sampleClusters(context, { signal: new AbortController().signal })],
  ["judgeEverybody", "sources:pull", (context) => judgeEverybody(context)],
  ["overruleOwner", "owners:write", (context) => overruleOwner(context, {})],
  ["endOverrule", "owners:write", (context) => endOverrule(context, {})],
  ["exemptNamespaces", "exemptions:write", (context) => exemptNamespaces(context, {})],
  ["endExemption", "exemptions:write", (context) => endExemption(context, {})],
  ["listWaivers", "compliance:read", (context) => listWaivers(context, { asOf: null, states: [], ruleKey: null })],
  ["requestWaiver", "waivers:request", (context) => requestWaiver(context, {})],
  ["endWaiver", "waivers:request", (context) => endWaiver(context, {})],
  ["decideWaiver", "waivers:decide", (context) => decideWaiver(context, {})],
  ["listFrameworkChoices", "compliance:read", (context) => listFrameworkChoices(context)],
  [
    "listManualEvidence",
    "compliance:read",
    (context) => listManualEvidence(context, { frameworkId: "none", controlId: null, asOf: null }),
  ],
  ["readManualEvidence", "evidence:read", (context) => readManualEvidence(context, { id: 1 })],
  ["addManualEvidence", "evidence:write", (context) => addManualEvidence(context, {})],
  [
    "addReportEvidence",
    "evidence:write",
    (context) => addReportEvidence(context, { reportId: "00000000-0000-4000-8000-000000000000" }),
  ],
  ["withdrawManualEvidence", "evidence:write", (context) => withdrawManualEvidence(context, {})],
  ["readTeams", "sprawl:read", (context) => readTeams(context, { period: billingPeriod("2026-11"), asOf: null })],
  ["setBudget", "budgets:write", (context) => setBudget(context, {})],
  ["listPostureOptions", "compliance:read", (context) => listPostureOptions(context, { kind: "team", asOf: null })],
  [
    "readControl",
    "compliance:read",
    (context) =>
      readControl(context, {
        frameworkId: "none",
        controlId: "none",
        columnsBy: "team",
        asOf: null,
        filters: NO_POSTURE_FILTERS,
        trendDays: 0,
      }),
  ],
  [
    "readPosturePeriod",
    "compliance:read",
    (context) =>
      readPosturePeriod(context, {
        frameworkId: "none",
        from: context.now,
        to: context.now,
        asOf: null,
        filters: NO_POSTURE_FILTERS,
      }),
  ],
  [
    "readResourceOwner",
    "compliance:read",
    (context) =>
      readResourceOwner(context, { resource: { accountId: null, clusterKey: null, namespaceUid: null }, asOf: null }),
  ],
  ["requestReport", "reports:read", (context) => requestReport(context, {})],
  ["previewReport", "reports:read", (context) => previewReport(context, {})],
  ["listReports", "reports:read", (context) => listReports(context, { limit: 1, before: null })],
  ["readReport", "reports:read", (context) => readReport(context, { reportId: NO_ID })],
  ["downloadReport", "reports:read", (context) => downloadReport(context, { reportId: NO_ID })],
  ["makeReport", "sources:pull", (context) => makeReport(context, { reportId: NO_ID })],
  [
    "readPosture",
    "compliance:read",
    (context) => readPosture(context, { ...POPULATION, frameworkId: "none", columnsBy: "team", trendDays: 0 }),
  ],
  [
    "readRule",
    "compliance:read",
    (context) => readRule(context, { ...POPULATION, ruleKey: "none", offset: 0, limit: 1 }),
  ],
  ["readResource", "compliance:read", (context) => readResource(context, { resourceId: 0, asOf: null })],
  ["readEvidence", "compliance:read", (context) => readEvidence(context, { hash: "none" })],
  ["readSample", "compliance:read", (context) => readSample(context, { ...POPULATION, size: 1, seed: "1" })],
  ["exportSample", "compliance:export", (context) => exportSample(context, { ...POPULATION, size: 1, seed: "1" })],
  ["readAgeing", "compliance:read", (context) => readAgeing(context, POPULATION)],
  ["streamEvaluations", "compliance:export", (context) => streamEvaluations(context, POPULATION).next()],
  ["copyEvaluations", "compliance:export", (context) => copyEvaluations(context, POPULATION, () => Promise.resolve())],
  [
    "publishEvaluations",
    "sources:pull",
    (context) => context.database.transact(({ sql }) => publishEvaluations(context, sql, emptyPart(context.now))),
  ],
  [
    "closePart",
    "sources:pull",
    (context) => context.database.transact(({ sql }) => closePart(context, sql, emptyPart(context.now))),
  ],
  [
    "publishParts",
    "sources:pull",
    (context) => context.database.transact(({ sql }) => publishParts(context, sql, [emptyPart(context.now)])),
  ],
];

async function* nothing(): AsyncGenerator<never[]> {}
