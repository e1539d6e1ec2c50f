import { XMLParser, XMLValidator } from "fast-xml-parser";
import { z } from "zod";
import type { Severity, Verdict } from "#lib/domain/posture/verdict.ts";
import { baselineRule, broken, hostOf, instantOf } from "#lib/sources/baseline/host-result.ts";
import type { ReportedResult } from "#lib/sources/report-files/reported-result.ts";

/** An element's text, with or without attributes. */
const words = z.union([z.string(), z.object({ "#text": z.string().default("") }).transform((one) => one["#text"])]);
const ruleResult = z.object({
  "@idref": z.string(),
  "@time": z.string().optional(),
  "@severity": z.string().optional(),
  result: words,
  message: z.array(words).default([]),
});
const testResult = z.object({
  "@end-time": z.string().optional(),
  "@start-time": z.string().optional(),
  target: z.array(words).min(1),
  "rule-result": z.array(ruleResult).default([]),
});
const rule = z.object({
  "@id": z.string(),
  title: z.array(words).default([]),
  description: z.array(words).default([]),
});

const LISTS = ["TestResult", "rule-result", "target", "Rule", "Group", "title", "description", "message"];
const VERDICTS: Readonly<Record<string, Verdict>> = {
  pass: "pass",
  fixed: "pass",
  fail: "fail",
  notapplicable: "not_applicable",
};
/** Results of rules that nobody asked about. */
const LEFT_OUT = ["notselected", "informational"];
const SEVERITIES: Readonly<Record<string, Severity>> = { high: "high", medium: "medium", low: "low" };

/**
 * The results of one XCCDF 1.1 or 1.2 file (NIST IR 7275), which may hold the benchmark as well and may lie in an ARF. A rule that was not
 * checked, or ended in an error, is unknown.
 */
export function parseXccdf(file: string, content: string): ReportedResult[] {
  // Entities of a document's own can grow without bound, and no tool writes any.
  if (/<!(DOCTYPE|ENTITY)/i.test(content)) throw broken(file, "declares entities, which are not read");
  const valid = XMLValidator.validate(content);
  if (valid !== true) throw broken(file, `is not XML (line ${valid.err.line})`);
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: "@",
    removeNSPrefix: true,
    parseTagValue: false,
    parseAttributeValue: false,
    isArray: (name) => LISTS.includes(name),
  });
  const document: unknown = parser.parse(content);
  const found = { results: [] as unknown[], rules: [] as unknown[] };
  collect(document, found);
  if (found.results.length === 0) throw broken(file, "holds no TestResult of XCCDF");
  const rules = new Map(found.rules.flatMap((one) => (rule.safeParse(one).success ? [toRule(rule.parse(one))] : [])));
  return found.results.flatMap((one) => {
    const parsed = testResult.safeParse(one);
    if (!parsed.success)
      throw broken(file, "has a TestResult without a target or with results that cannot be read", parsed.error);
    return toResults(parsed.data, rules);
  });
}

type Described = { title: string; description: string | null };

function toRule({ "@id": id, title, description }: z.infer<typeof rule>): [string, Described] {
  return [id, { title: title[0] ?? id, description: description[0] ?? null }];
}

function toResults(run: z.infer<typeof testResult>, rules: ReadonlyMap<string, Described>): ReportedResult[] {
  const host = run.target[0] ?? "";
  return run["rule-result"].flatMap((one): ReportedResult[] => {
    const outcome = one.result.trim().toLowerCase();
    if (LEFT_OUT.includes(outcome)) return [];
    const id = one["@idref"];
    // By the standard ids are "xccdf_<namespace>_rule_<name>".
    const name = id.replace(/^xccdf_.*?_rule_/, "");
    return [
      {
        ruleKey: baselineRule(name),
        title: rules.get(id)?.title ?? name,
        description: rules.get(id)?.description ?? null,
        severity: SEVERITIES[one["@severity"] ?? ""] ?? null,
        remedy: null,
        details: { tool: "XCCDF", rule: id },
        resource: hostOf(host),
        verdict: VERDICTS[outcome] ?? "unknown",
        note: one.message[0] ?? (VERDICTS[outcome] === undefined ? `The scanner says "${outcome}".` : null),
        evidence: { rule: id, result: outcome, severity: one["@severity"] ?? null, messages: one.message },
        at: instantOf(one["@time"] ?? run["@end-time"] ?? run["@start-time"]),
      },
    ];
  });
}

/** Elements may lie at any depth: rules in groups, results in a benchmark or in the report of an ARF. */
function collect(node: unknown, found: { results: unknown[]; rules: unknown[] }): void {
  if (Array.isArray(node)) for (const one of node as unknown[]) collect(one, found);
  if (typeof node !== "object" || node === null || Array.isArray(node)) return;
  for (const [name, child] of Object.entries(node)) {
    if (name === "TestResult" && Array.isArray(child)) found.results.push(...(child as unknown[]));
    else if (name === "Rule" && Array.isArray(child)) found.rules.push(...(child as unknown[]));
    else collect(child, found);
  }
}
