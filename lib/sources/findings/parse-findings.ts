import { z } from "zod";
import { AppError } from "#lib/errors.ts";
import type { Severity, Verdict } from "#lib/domain/posture/verdict.ts";
import type { ReportedResult } from "#lib/sources/report-files/reported-result.ts";

/** A finding as one file has it. `id`: the product's own of it, which stays while it is updated; null = the file has none. */
export type Finding = { id: string | null; isArchived: boolean; result: ReportedResult };

const text = z.string().optional();
const asffFinding = z.object({
  SchemaVersion: z.string(),
  Id: text,
  GeneratorId: text,
  ProductName: text,
  AwsAccountId: text,
  Region: text,
  Title: z.string(),
  Description: text,
  RecordState: text,
  Workflow: z.object({ Status: text }).optional(),
  UpdatedAt: text,
  Severity: z.object({ Label: text }).optional(),
  Remediation: z.object({ Recommendation: z.object({ Text: text }).optional() }).optional(),
  Compliance: z.object({ Status: text, SecurityControlId: text }).optional(),
  Resources: z.array(z.object({ Type: z.string(), Id: z.string(), Region: text })).min(1),
});
const ocsfFinding = z.object({
  class_uid: z.number(),
  status_code: text,
  status_id: z.number().optional(),
  status_detail: text,
  severity: text,
  time: z.number().optional(),
  metadata: z.object({ product: z.object({ name: text }).optional(), event_code: text }),
  finding_info: z.object({ uid: text, title: z.string(), desc: text }),
  compliance: z.object({ control: text, status: text }).optional(),
  remediation: z.object({ desc: text }).optional(),
  cloud: z.object({ account: z.object({ uid: text }).optional(), region: text }).optional(),
  resources: z.array(z.object({ uid: z.string(), name: text, type: text, region: text })).min(1),
});

/** Classes of OCSF that say something of a resource: vulnerability, compliance and detection findings. */
const FINDING_CLASSES = [2002, 2003, 2004];
const RESOLVED = 4;
const VERDICTS: Record<string, Verdict> = { PASS: "pass", PASSED: "pass", FAIL: "fail", FAILED: "fail" };
const SEVERITIES: Record<string, Severity> = { critical: "critical", high: "high", medium: "medium", low: "low" };

/**
 * The findings of one file: a JSON array, one object, `{"Findings": […]}`, or a JSON text a line. Each says by itself whether it is of the AWS
 * Security Finding Format or of OCSF.
 *
 * @throws AppError "bad_data" with the file and the place of what cannot be read; nothing of the file is then taken over.
 */
export function parseFindings(name: string, content: string): Finding[] {
  return entriesOf(name, content).flatMap(({ value, row }) => toFindings(name, value, row));
}

function entriesOf(name: string, content: string): { value: unknown; row: number }[] {
  const trimmed = content.trim();
  if (trimmed === "") return [];
  try {
    const parsed: unknown = JSON.parse(trimmed);
    const list = Array.isArray(parsed)
      ? parsed
      : isRecord(parsed) && Array.isArray(parsed["Findings"])
        ? parsed["Findings"]
        : [parsed];
    return list.map((value: unknown, index) => ({ value, row: index + 1 }));
  } catch (thrown) {
    const lines = trimmed.split("\n").map((line, index) => ({ line: line.trim(), row: index + 1 }));
    if (lines.length === 1) throw broken(name, 1, "is not JSON", thrown);
    return lines
      .filter(({ line }) => line !== "")
      .map(({ line, row }) => {
        try {
          return { value: JSON.parse(line) as unknown, row };
        } catch (inner) {
          throw broken(name, row, "is not JSON", inner);
        }
      });
  }
}

function toFindings(name: string, value: unknown, row: number): Finding[] {
  if (isRecord(value) && "SchemaVersion" in value) {
    const found = checked(asffFinding, value, name, row);
    const isArchived = found.RecordState === "ARCHIVED";
    return fromAsff(found, value).map((result) => ({ id: found.Id ?? null, isArchived, result }));
  }
  if (isRecord(value) && "class_uid" in value) {
    const found = checked(ocsfFinding, value, name, row);
    const results = FINDING_CLASSES.includes(found.class_uid) ? fromOcsf(found, value) : [];
    return results.map((result) => ({ id: found.finding_info.uid ?? null, isArchived: false, result }));
  }
  throw broken(name, row, "is neither an ASFF nor an OCSF finding", null);
}

function fromAsff(found: z.infer<typeof asffFinding>, evidence: unknown): ReportedResult[] {
  const product = found.ProductName ?? "AWS Security Hub";
  const control = found.Compliance?.SecurityControlId ?? found.GeneratorId ?? found.Title;
  const status = found.Compliance?.Status;
  // A finding without a compliance status is one of something wrong.
  const { verdict, note } = withWorkflow(
    status === undefined ? "fail" : (VERDICTS[status] ?? "unknown"),
    { status: found.Workflow?.Status, isChecked: status !== undefined },
    product,
  );
  return found.Resources.map(({ Type, Id, Region }) => ({
    ruleKey: ruleKeyOf(product, control),
    title: found.Title,
    description: found.Description ?? null,
    severity: severityOf(found.Severity?.Label),
    remedy: found.Remediation?.Recommendation?.Text ?? null,
    details: { product, control },
    resource: resourceOf(Type, Id, Id, found.AwsAccountId, Region ?? found.Region),
    verdict,
    note,
    evidence,
    at: instantOf(found.UpdatedAt),
  }));
}

/**
 * What people say of a finding beside the check. Resolved is no failure any more; where the check itself has not passed since, that is
 * somebody's word alone, and no pass. Suppressed means that nobody will act on it, and it is as it was.
 * https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_Workflow.html
 */
function withWorkflow(
  verdict: Verdict,
  { status, isChecked }: { status: string | undefined; isChecked: boolean },
  product: string,
): { verdict: Verdict; note: string | null } {
  if (verdict !== "fail") return { verdict, note: null };
  if (status === "SUPPRESSED") return { verdict, note: `It is suppressed in ${product}.` };
  if (status !== "RESOLVED") return { verdict, note: null };
  return isChecked
    ? { verdict: "unknown", note: `It is marked as resolved in ${product}, whose check has not passed since.` }
    : { verdict: "pass", note: `It is marked as resolved in ${product}.` };
}

function fromOcsf(found: z.infer<typeof ocsfFinding>, evidence: unknown): ReportedResult[] {
  const product = found.metadata.product?.name ?? "OCSF";
  const control = found.metadata.event_code ?? found.compliance?.control ?? found.finding_info.title;
  const status = (found.status_code ?? found.compliance?.status)?.toUpperCase();
  const isResolved = found.status_id === RESOLVED;
  return found.resources.map(({ uid, name, type, region }) => ({
    ruleKey: ruleKeyOf(product, control),
    title: found.finding_info.title,
    description: found.finding_info.desc ?? null,
    severity: severityOf(found.severity),
    remedy: found.remediation?.desc ?? null,
    details: { product, control, class: found.class_uid },
    resource: resourceOf(
      type ?? "Resource",
      uid,
      name ?? uid,
      found.cloud?.account?.uid,
      region ?? found.cloud?.region,
    ),
    verdict: isResolved ? "pass" : status === undefined ? "fail" : (VERDICTS[status] ?? "unknown"),
    note: found.status_detail ?? null,
    evidence,
    at: found.time === undefined ? null : instantOf(found.time < 100_000_000_000 ? found.time * 1000 : found.time),
  }));
}

function ruleKeyOf(product: string, control: string): string {
  const word = (value: string) => value.trim().toLowerCase().replaceAll(/\s+/g, "-");
  return `finding:${word(product)}/${control.trim().replaceAll(/\s+/g, "-")}`;
}

function resourceOf(
  kind: string,
  key: string,
  name: string,
  accountId: string | undefined,
  region: string | undefined,
) {
  const isAccount = /^AwsAccount$/i.test(kind) && accountId !== undefined;
  return {
    kind: isAccount ? "Account" : kind,
    key: isAccount ? accountId : key,
    name: isAccount ? accountId : name,
    accountId: accountId ?? null,
    region: region ?? null,
    clusterKey: null,
    namespaceUid: null,
    environment: null,
  };
}

function severityOf(label: string | undefined): Severity | null {
  return SEVERITIES[(label ?? "").toLowerCase()] ?? null;
}

function instantOf(value: string | number | undefined): Date | null {
  const at = new Date(value ?? Number.NaN);
  return Number.isNaN(at.getTime()) ? null : at;
}

function checked<T>(schema: z.ZodType<T>, value: unknown, name: string, row: number): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw broken(name, row, `has a finding whose ${issue?.path.join(".") ?? "shape"} is not as it must be`, parsed.error);
}

function broken(name: string, row: number, says: string, cause: unknown): AppError {
  return new AppError("bad_data", `${name} ${says} (entry ${row}).`, {
    remedy: "Have the file delivered again.",
    place: { file: name, row },
    cause,
  });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
