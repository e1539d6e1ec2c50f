import { FileSink, writeWhole, type WrittenFile } from "#lib/reports/bundle/file-sink.ts";
import type { ItemWriter } from "#lib/reports/bundle/report-content.ts";
import {
  countControls,
  countedAs,
  emptyCounts,
  standingOf,
  type ControlCounts,
} from "#lib/reports/compliance/count-evaluations.ts";
import { uuidV5 } from "#lib/reports/compliance/uuid-v5.ts";
import type { EvaluationRow } from "#lib/services/posture/posture-view.ts";

const OSCAL_VERSION = "1.2.0";
const NAMESPACE = "urn:bursar:oscal";

export type OscalHead = {
  title: string;
  version: string;
  asOf: string;
  /** Equal to `asOf` for a report of one instant. */
  from: string;
  /** What makes this report itself: its parameters, canonical. Every UUID is made of it. */
  identity: string;
  framework: {
    id: string;
    name: string;
    version: string;
    controls: { id: string; title: string; manual: string | null }[];
  } | null;
  /** Controls that were not looked at for all of the period, whatever the evaluations say: never satisfied. */
  notKnown: ReadonlySet<string>;
};

/**
 * The evaluations as OSCAL assessment results, with the smallest plan that they can refer to. Each evaluation is an observation, each control
 * a finding. Observations are written while they pass by. Identifiers are UUIDs of names, so that the same report has the same ones.
 * https://pages.nist.gov/OSCAL/reference/latest/assessment-results/json-reference/
 */
export async function openOscalWriter(folder: string, head: OscalHead): Promise<ItemWriter<EvaluationRow>> {
  const results = await FileSink.open(folder, "oscal/assessment-results.json");
  const counts: ControlCounts = new Map();
  const uuid = (name: string) => uuidV5(`${head.identity} ${name}`);
  const { observations: _none, ...opening } = resultOf(head, uuid);
  await results.write(
    `{"assessment-results":${openObject({ uuid: uuid("results"), metadata: metadataOf(head), "import-ap": { href: "assessment-plan.json" } })},"results":[${openObject(opening)}`,
  );
  let written = 0;
  return {
    push: async (rows) => {
      countControls(counts, rows);
      for (const row of rows) {
        const start = written === 0 ? ',"observations":[' : ",";
        await results.write(start + JSON.stringify(observationOf(row, uuid)));
        written += 1;
      }
    },
    end: async (): Promise<WrittenFile[]> => {
      if (written > 0) await results.write("]");
      const findings = (head.framework?.controls ?? []).map((control) =>
        findingOf(control, { counts, isKnown: !head.notKnown.has(control.id), uuid }),
      );
      if (findings.length > 0) await results.write(`,"findings":${JSON.stringify(findings)}`);
      await results.write("}]}}");
      const plan = await writeWhole(folder, "oscal/assessment-plan.json", JSON.stringify(planOf(head, uuid)));
      return [plan, await results.end()];
    },
  };
}

/** JSON of an object whose closing bracket is still to come. */
function openObject(value: object): string {
  return JSON.stringify(value).slice(0, -1);
}

function metadataOf({ title, version, asOf }: OscalHead) {
  return { title, "last-modified": asOf, version, "oscal-version": OSCAL_VERSION };
}

function reviewedOf({ framework }: OscalHead) {
  const selection =
    framework === null || framework.controls.length === 0
      ? { "include-all": {} }
      : { "include-controls": framework.controls.map(({ id }) => ({ "control-id": tokenOf(id) })) };
  return { "control-selections": [selection] };
}

function resultOf(head: OscalHead, uuid: (name: string) => string) {
  return {
    uuid: uuid("result"),
    title: head.title,
    description:
      "One observation for each evaluation of a rule on a resource, one finding for each control. What is unknown or was not evaluated is never satisfied.",
    start: head.from,
    end: head.asOf,
    "reviewed-controls": reviewedOf(head),
    observations: [],
  };
}

function planOf(head: OscalHead, uuid: (name: string) => string) {
  return {
    "assessment-plan": {
      uuid: uuid("plan"),
      metadata: { ...metadataOf(head), title: `Plan of: ${head.title}` },
      "import-ssp": {
        href: "urn:bursar:no-system-security-plan",
        remarks: "The resources are those that the configured sources list; no system security plan describes them.",
      },
      "reviewed-controls": reviewedOf(head),
      "assessment-subjects": [
        { type: "resource", description: "Every resource that a configured source evaluated.", "include-all": {} },
      ],
    },
  };
}

function observationOf(row: EvaluationRow, uuid: (name: string) => string) {
  const { resource, evidenceHash, note } = row;
  const props = {
    "evaluation-id": row.evaluationId,
    rule: row.ruleKey,
    verdict: countedAs(row),
    source: `${row.sourceKey} ${row.part}`,
    severity: row.severity,
    owner: row.teamKey,
    environment: row.environment,
    from: row.from,
    to: row.to,
    ...(row.waiver ? { waiver: String(row.waiver.id), "waiver-ends": row.waiver.endsAt } : {}),
  };
  return {
    uuid: uuid(`observation ${row.evaluationId} ${row.from}`),
    title: lineOf(row.ruleTitle),
    description: note?.trim() || `${row.ruleTitle}: ${countedAs(row)}`,
    props: propsOf(props),
    methods: ["TEST"],
    subjects: [
      {
        "subject-uuid": uuidV5(`resource ${resource.kind} ${resource.key}`),
        type: "resource",
        title: lineOf(resource.name || resource.key),
        props: propsOf({
          kind: resource.kind,
          key: resource.key,
          account: resource.accountId,
          region: resource.region,
          cluster: resource.clusterKey,
        }),
      },
    ],
    ...(evidenceHash === null
      ? {}
      : {
          "relevant-evidence": [
            { href: "../evidence/evidence.jsonl", description: `The line whose SHA-256 is ${evidenceHash}.` },
          ],
        }),
    collected: row.recordedAt,
    ...(row.waiver ? { remarks: `The risk was accepted: ${row.waiver.reason}` } : {}),
  };
}

function findingOf(
  { id, title, manual }: { id: string; title: string; manual: string | null },
  { counts: all, isKnown, uuid }: { counts: ControlCounts; isKnown: boolean; uuid: (name: string) => string },
) {
  const counts = all.get(id) ?? emptyCounts();
  const standing = standingOf(counts, isKnown);
  const sentence = Object.entries(counts)
    .map(([name, count]) => `${count} ${name}`)
    .join(", ");
  return {
    uuid: uuid(`finding ${id}`),
    title: lineOf(`${id} ${title}`),
    description: `${sentence}.${isKnown ? "" : " For some of the period it is not known."}${manual === null ? "" : ` To be shown by hand: ${manual}`}`,
    props: propsOf({
      control: id,
      ...Object.fromEntries(Object.entries(counts).map(([name, count]) => [name.replace(" ", "-"), String(count)])),
    }),
    target: {
      type: "objective-id",
      "target-id": tokenOf(id),
      status:
        standing === "met"
          ? { state: "satisfied", reason: "pass" }
          : { state: "not-satisfied", reason: standing === "open" ? "other" : "fail" },
    },
  };
}

/** Properties without those that are empty: OSCAL has no empty values. */
function propsOf(values: Record<string, string | null>) {
  return Object.entries(values)
    .map(([name, value]) => ({ name, ns: NAMESPACE, value: lineOf(value ?? "") }))
    .filter(({ value }) => value !== "");
}

function lineOf(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}

/** Ids of controls such as "1.4" are no tokens of OSCAL: those begin with a letter. The property "control" has the id as it is. */
function tokenOf(id: string): string {
  const token = id.replaceAll(/[^\p{L}\p{N}.\-_]/gu, "_");
  return /^[\p{L}_]/u.test(token) ? token : `_${token}`;
}
