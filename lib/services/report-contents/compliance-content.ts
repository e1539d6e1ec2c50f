import canonicalize from "canonicalize";
import type { Framework } from "#lib/domain/posture/framework.ts";
import type { ContentGap, ItemWriter } from "#lib/reports/bundle/report-content.ts";
import { COUNTED, countControls, emptyCounts, type ControlCounts } from "#lib/reports/compliance/count-evaluations.ts";
import { openOcsfWriter } from "#lib/reports/compliance/ocsf-writer.ts";
import { openOscalWriter, type OscalHead } from "#lib/reports/compliance/oscal-writer.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import { findFramework } from "#lib/services/frameworks/find-framework.ts";
import { scopeWords } from "#lib/services/report-contents/cluster-knowledge.ts";
import { evaluationColumns, toEvaluationCells } from "#lib/services/report-contents/evaluation-columns.ts";
import { openEvidenceWriter, type EvidenceWriter } from "#lib/services/report-contents/evidence-writer.ts";
import { openHandEvidence, type HandEvidence } from "#lib/services/report-contents/hand-evidence-writer.ts";
import { openPeriodTable, PERIOD_METHOD, type PeriodTable } from "#lib/services/report-contents/period-answers.ts";
import { postureKnowledge } from "#lib/services/report-contents/posture-knowledge.ts";
import { prepareContent, type PreparedContent } from "#lib/services/report-contents/prepare-content.ts";
import { NO_POSTURE_FILTERS, type EvaluationRow } from "#lib/services/posture/posture-view.ts";
import { streamEvaluations } from "#lib/services/posture/stream-evaluations.ts";
import { softwareVersion } from "#lib/services/reports/software-version.ts";
import type { ReportParameters } from "#lib/services/reports/report-view.ts";
import { listWaivers } from "#lib/services/waivers/list-waivers.ts";

/** Every evaluation of the asked rules, resources and owners, at an instant or over a period, whatever its verdict. */
export function complianceContent(context: ServiceContext, parameters: ReportParameters): PreparedContent {
  const { frameworkId, period, filters } = parameters;
  const framework = frameworkId === null ? null : findFramework(frameworkId);
  const counts: ControlCounts = new Map();
  const waivers = new Set<number>();
  let evidence: EvidenceWriter | null = null;
  let byHand: HandEvidence | null = null;
  let overPeriod: PeriodTable | null = null;
  const head = oscalHead(parameters, framework);
  return prepareContent<EvaluationRow>(
    {
      title: head.title,
      method: period === null ? METHOD : [...METHOD, ...METHOD_OF_PERIODS],
      scope: [
        ...(framework
          ? [["Controls", `${framework.controls.length}, all of the framework's`] as [string, string]]
          : []),
        ...scopeWords(parameters),
      ],
      tableName: "evaluations",
      columns: evaluationColumns,
      batches: noted(
        streamEvaluations(context, {
          frameworkId,
          asOf: new Date(parameters.asOf),
          period: period && { from: new Date(period.from), to: new Date(period.to) },
          filters: { ...NO_POSTURE_FILTERS, ...filters },
          verdicts: [],
        }),
        (rows) => {
          countControls(counts, rows);
          for (const { waiver } of rows) if (waiver) waivers.add(waiver.id);
        },
      ),
      toRow: toEvaluationCells,
      totals: [],
      countBy: ["Counted as", "Severity", "Owner"],
      after: async () => {
        const known = await postureKnowledge(context.database.pool, parameters);
        const accepted = await acceptedRisks(context, parameters, waivers);
        const brought = byHand?.summary() ?? null;
        return {
          ...known,
          gaps: [...known.gaps, ...leftOut(evidence?.leftOut() ?? 0), ...(byHand?.gaps() ?? [])],
          controlTotals: [],
          people: accepted.people,
          summaries: [
            ...(framework ? [controlSummary(framework, counts)] : []),
            ...(overPeriod ? [overPeriod.summary] : []),
            accepted.summary,
            ...(brought ? [brought] : []),
          ],
        };
      },
      isLog: false,
    },
    async (folder) => {
      evidence = await openEvidenceWriter(folder, context.database.pool);
      byHand = openHandEvidence(folder, context, parameters);
      if (framework && period)
        overPeriod = await openPeriodTable(folder, context, { framework, parameters: { ...parameters, period } });
      const known = { ...head, notKnown: overPeriod?.notKnown ?? head.notKnown };
      const written = await complianceWriters(folder, parameters, known);
      return together<EvaluationRow>([evidence, byHand, ...(overPeriod ? [overPeriod] : []), ...written]);
    },
  );
}

function leftOut(pieces: number): ContentGap[] {
  if (pieces === 0) return [];
  const reason = `${pieces} pieces of evidence are not in the bundle: it would be too large.`;
  return [{ source: "bundle", part: "evidence", from: null, to: null, reason }];
}

const METHOD = [
  "Every evaluation of a rule on a resource is a stretch of time. The owner is the one of that time.",
  "Passed, failed, waived, unknown, not applicable and not evaluated are disjoint, and their sum is the whole population: nothing counts as good by not being counted.",
  "A waived failure is a failure whose risk somebody accepted until a day. What was not looked at in time is not evaluated, whatever it was before; what may not be read is unknown.",
  "What is learnt later changes nothing here, but for the past that the first look at a part of a source brings with it: nothing was known then that it could contradict, so that it also answers for the time before that look. The same report made before such a look lacks those rows.",
];

const METHOD_OF_PERIODS = [
  "Stretches of the period are cut at its ends, and where a gap of their part or, of failures, an accepted risk begins or ends: each row is one thing for its whole time. Rows are counted whatever their length.",
  PERIOD_METHOD,
  "A control is satisfied where something passed and nothing failed, waived or not, was unknown or not looked at, at any time of the period.",
];

function oscalHead(parameters: ReportParameters, framework: Framework | null): OscalHead {
  const { formats: _formats, ...asked } = parameters;
  return {
    title: framework ? `Compliance: ${framework.name} ${framework.version}` : "Compliance: every rule",
    version: softwareVersion(),
    asOf: parameters.period?.to ?? parameters.asOf,
    from: parameters.period?.from ?? parameters.asOf,
    identity: canonicalize(asked) ?? "",
    framework,
    notKnown: new Set(),
  };
}

function complianceWriters(
  folder: string,
  { formats }: ReportParameters,
  head: OscalHead,
): Promise<ItemWriter<EvaluationRow>[]> {
  return Promise.all([
    ...(formats.includes("oscal") ? [openOscalWriter(folder, head)] : []),
    ...(formats.includes("ocsf") ? [openOcsfWriter(folder, head)] : []),
  ]);
}

function together<Item>(writers: readonly ItemWriter<Item>[]): ItemWriter<Item> {
  return {
    push: async (items) => {
      for (const writer of writers) await writer.push(items);
    },
    end: async () => {
      const files = [];
      for (const writer of writers) files.push(...(await writer.end()));
      return files;
    },
  };
}

async function* noted<Item>(batches: AsyncIterable<Item[]>, note: (items: Item[]) => void): AsyncGenerator<Item[]> {
  for await (const batch of batches) {
    note(batch);
    yield batch;
  }
}

function controlSummary({ controls }: Framework, counts: ControlCounts) {
  return {
    title: "Controls",
    head: ["Control", "Title", ...COUNTED.map((name) => name.charAt(0).toUpperCase() + name.slice(1)), "By hand"],
    rows: controls.map(({ id, title, manual }) => {
      const own = counts.get(id) ?? emptyCounts();
      return [id, title, ...COUNTED.map((name) => String(own[name])), manual === null ? "" : "yes"];
    }),
  };
}

async function acceptedRisks(context: ServiceContext, parameters: ReportParameters, ids: ReadonlySet<number>) {
  const asOf = new Date(parameters.period?.to ?? parameters.asOf);
  const { waivers } = await listWaivers(context, { asOf, states: [], ruleKey: null });
  const own = waivers.filter(({ id }) => ids.has(id)).toSorted((a, b) => a.id - b.id);
  const people = own.flatMap((waiver): [string, string][] => [
    [waiver.requestedBy, `asked to accept the risk of waiver ${waiver.id}`],
    ...(waiver.decidedBy === null
      ? []
      : [[waiver.decidedBy, `${waiver.decision} waiver ${waiver.id}`] as [string, string]]),
  ]);
  return {
    people,
    summary: {
      title: "Accepted risks",
      head: ["Waiver", "Rule", "Scope", "Reason", "Until", "Asked for by", "Decided by"],
      rows: own.map((waiver) => [
        String(waiver.id),
        waiver.rule.key,
        `${waiver.scope.kind} ${waiver.scope.key}`,
        waiver.reason,
        waiver.endsAt.slice(0, 10),
        waiver.requestedBy,
        waiver.decidedBy ?? "",
      ]),
    },
  };
}
