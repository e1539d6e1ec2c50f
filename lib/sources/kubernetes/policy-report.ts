import type { Severity, Verdict } from "#lib/domain/posture/verdict.ts";
import type { ImageScan } from "#lib/sources/cluster-guardrails.ts";
import type { EvaluatedRule } from "#lib/sources/evaluation-reading.ts";
import type {
  ConfigAuditReportObject,
  Metadata,
  PolicyReportObject,
  ReportedReference,
  VulnerabilityReportObject,
} from "#lib/sources/kubernetes/api-types.ts";
import { instantOf } from "#lib/sources/kubernetes/instant.ts";

/** One result of a report, before it is known which resource of the cluster is meant. */
export type ReportedResult = {
  rule: EvaluatedRule;
  subject: { kind: string; name: string; namespace: string | null; uid: string | null };
  verdict: Verdict;
  note: string | null;
  /** What the report says, without what changes from look to look. */
  evidence: Record<string, unknown>;
};

const LABEL = "trivy-operator.resource.";
const SCANNED_SEVERITIES: readonly Severity[] = ["critical", "high", "medium", "low"];

/**
 * What a report's result means: "warn" asks for something that is not so, and fails; "error" could not be evaluated; "skip" was left out on
 * purpose. https://github.com/kubernetes-sigs/wg-policy-prototypes/blob/master/policy-report/README.md
 */
export function verdictOfResult(result: string | null | undefined): Verdict {
  switch (result?.toLowerCase()) {
    case "pass":
      return "pass";
    case "fail":
    case "warn":
      return "fail";
    case "skip":
      return "not_applicable";
    default:
      return "unknown";
  }
}

/** Results of a PolicyReport, one for each resource that they are about. @param kind what reports: "wgpolicyk8s.io". */
export function resultsOfReport({ metadata, scope, results }: PolicyReportObject, kind: string): ReportedResult[] {
  return (results ?? []).flatMap((result) => {
    const named = [...(result.resources ?? []), ...(result.subjects ?? [])];
    const about: ReportedReference[] = named.length > 0 ? named : [scope ?? {}];
    const said = result.message ?? result.description ?? null;
    const rule: EvaluatedRule = {
      ruleKey: `policy-report:${result.policy}/${result.rule || "any"}`,
      title: result.rule ? `${result.policy}: ${result.rule}` : result.policy,
      description: result.category ?? null,
      severity: severityOf(result.severity),
      remedy: null,
      details: { kind, policy: result.policy, rule: result.rule ?? null, engine: result.source ?? null },
    };
    const verdict = verdictOfResult(result.result);
    const evidence = {
      policy: result.policy,
      rule: result.rule ?? null,
      result: result.result ?? null,
      message: said,
      engine: result.source ?? null,
    };
    return about.map((reference) => ({
      rule,
      subject: subjectOf(reference, metadata),
      verdict,
      note: verdict === "pass" ? null : said,
      evidence,
    }));
  });
}

/** Of a report on the cluster that names nothing, the cluster itself. */
function subjectOf({ kind, name, namespace, uid }: ReportedReference, metadata: Metadata): ReportedResult["subject"] {
  if (!kind || !name) return { kind: "Cluster", name: "", namespace: null, uid: null };
  return { kind, name, namespace: namespace ?? metadata.namespace ?? null, uid: uid ?? null };
}

/** The checks of Trivy's audit of a workload's configuration. */
export function resultsOfAudit({ metadata, report }: ConfigAuditReportObject, kind: string): ReportedResult[] {
  return (report.checks ?? []).map(({ checkID, title, description, remediation, severity, messages, success }) => ({
    rule: {
      ruleKey: `policy-report:trivy-config-audit/${checkID}`,
      title: title ?? checkID,
      description: description ?? null,
      severity: severityOf(severity),
      remedy: remediation ?? null,
      details: { kind, policy: "trivy-config-audit", rule: checkID, engine: "trivy" },
    },
    subject: scannedWorkload(metadata),
    verdict: success ? "pass" : "fail",
    note: success ? null : ((messages ?? []).find((message) => message !== "") ?? null),
    evidence: { check: checkID, success, messages: messages ?? [] },
  }));
}

/** One verdict for each severity: whether an image has a known hole of it. */
export function resultsOfScan({ metadata, report }: VulnerabilityReportObject, kind: string): ReportedResult[] {
  const found = report.vulnerabilities ?? [];
  return SCANNED_SEVERITIES.map((severity) => {
    const some = found.filter((one) => one.severity.toLowerCase() === severity);
    return {
      rule: {
        ruleKey: `policy-report:trivy-vulnerabilities/${severity}`,
        title: `Images have no known vulnerability that is ${severity}`,
        description: null,
        severity,
        remedy: "Build the image with the versions that fix them, and roll it out.",
        details: { kind, policy: "trivy-vulnerabilities", rule: severity, engine: "trivy" },
      },
      subject: scannedWorkload(metadata),
      verdict: some.length === 0 ? "pass" : "fail",
      note:
        some.length === 0
          ? null
          : `${imageOf(report)} has ${some.length} that ${some.length === 1 ? "is" : "are"} ${severity}.`,
      evidence: {
        image: imageOf(report),
        vulnerabilities: some.map(({ vulnerabilityID }) => vulnerabilityID).toSorted(),
      },
    };
  });
}

/** What our own checks need of a scan. */
export function imageScan({ report }: VulnerabilityReportObject): ImageScan {
  const { family, name, eosl } = report.os ?? {};
  return {
    image: imageOf(report),
    system: family ? `${family} ${name ?? ""}`.trim() : null,
    isEndOfLife: family ? (eosl ?? false) : null,
    vulnerabilities: (report.vulnerabilities ?? []).map((one) => ({
      id: one.vulnerabilityID,
      severity: one.severity,
      publishedAt: instantOf(one.publishedDate),
      fixedVersion: one.fixedVersion || null,
      package: one.resource ?? "",
    })),
  };
}

/** Trivy names what a report is about in labels. */
export function scannedWorkload({ labels, namespace }: Metadata): ReportedResult["subject"] {
  return {
    kind: labels?.[`${LABEL}kind`] ?? "Workload",
    name: labels?.[`${LABEL}name`] ?? "",
    namespace: labels?.[`${LABEL}namespace`] ?? namespace ?? null,
    uid: null,
  };
}

function imageOf({ artifact, registry }: VulnerabilityReportObject["report"]): string {
  const repository = [registry?.server, artifact?.repository].filter(Boolean).join("/");
  return artifact?.tag
    ? `${repository}:${artifact.tag}`
    : `${repository}${artifact?.digest ? `@${artifact.digest}` : ""}`;
}

function severityOf(said: string | null | undefined): Severity | null {
  const word = said?.toLowerCase();
  if (word === "info") return "low";
  return SCANNED_SEVERITIES.find((severity) => severity === word) ?? null;
}
