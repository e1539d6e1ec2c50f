import { FileSink } from "#lib/reports/bundle/file-sink.ts";
import type { ItemWriter } from "#lib/reports/bundle/report-content.ts";
import { countedAs, type Counted } from "#lib/reports/compliance/count-evaluations.ts";
import type { OscalHead } from "#lib/reports/compliance/oscal-writer.ts";
import { uuidV5 } from "#lib/reports/compliance/uuid-v5.ts";
import type { EvaluationRow } from "#lib/services/posture/posture-view.ts";

const SCHEMA_VERSION = "1.4.0";
/** Compliance Finding of the category Findings, activity Create. https://schema.ocsf.io/1.4.0/classes/compliance_finding */
const CLASS = { category_uid: 2, class_uid: 2003, activity_id: 1, type_uid: 200301 } as const;
const SEVERITY = { critical: 5, high: 4, medium: 3, low: 2 } as const;
/** compliance.status_id: 0 unknown, 1 pass, 2 warning, 3 fail, 99 other. */
const STATUS: Record<Counted, [number, string]> = {
  pass: [1, "Pass"],
  fail: [3, "Fail"],
  waived: [3, "Fail"],
  unknown: [0, "Unknown"],
  "not applicable": [99, "Not applicable"],
  "not evaluated": [0, "Unknown"],
};

/** The evaluations as OCSF compliance findings, one line of JSON each. A waived failure is a failure, and suppressed. */
export async function openOcsfWriter(folder: string, head: OscalHead): Promise<ItemWriter<EvaluationRow>> {
  const sink = await FileSink.open(folder, "ocsf/compliance-findings.jsonl");
  return {
    push: async (rows) => {
      for (const row of rows) await sink.write(`${JSON.stringify(findingOf(row, head))}\n`);
    },
    end: async () => [await sink.end()],
  };
}

function findingOf(row: EvaluationRow, { version, framework }: OscalHead) {
  const counted = countedAs(row);
  const [statusId, status] = STATUS[counted];
  const { resource } = row;
  return {
    ...CLASS,
    time: Date.parse(row.recordedAt),
    start_time: Date.parse(row.from),
    ...(row.to === null ? {} : { end_time: Date.parse(row.to) }),
    severity_id: row.severity === null ? 0 : SEVERITY[row.severity],
    status_id: counted === "waived" ? 3 : 1,
    metadata: {
      version: SCHEMA_VERSION,
      product: { name: "Bursar", vendor_name: "Bursar", version },
      uid: row.evaluationId,
    },
    finding_info: {
      uid: uuidV5(`finding ${row.evaluationId} ${row.from}`),
      title: row.ruleTitle,
      ...(row.note === null ? {} : { desc: row.note }),
      created_time: Date.parse(row.heldFrom),
    },
    compliance: {
      status_id: statusId,
      status,
      control: row.ruleKey,
      ...(framework === null
        ? {}
        : { standards: [`${framework.name} ${framework.version}`], requirements: row.controls }),
    },
    resources: [
      {
        uid: resource.key,
        name: resource.name,
        type: resource.kind,
        ...(resource.region === null ? {} : { region: resource.region }),
        ...(row.teamKey === "" ? {} : { group: { name: row.teamKey } }),
      },
    ],
    ...(resource.accountId === null ? {} : { cloud: { provider: "unknown", account: { uid: resource.accountId } } }),
    unmapped: {
      source: row.sourceKey,
      part: row.part,
      counted,
      environment: row.environment,
      evidence: row.evidenceHash,
      waiver: row.waiver,
    },
  };
}
