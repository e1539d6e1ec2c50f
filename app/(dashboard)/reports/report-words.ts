import { formatInstant } from "#lib/domain/format.ts";
import {
  REPORT_KINDS,
  type ReportFormat,
  type ReportKind,
  type ReportParameters,
  type ReportView,
} from "#lib/services/reports/report-view.ts";

export const KIND_WORDS: Record<ReportKind, { label: string; about: string }> = {
  compliance: {
    label: "Compliance",
    about: "Every evaluation of a framework's rules, with exceptions, gaps and evidence.",
  },
  namespaces: { label: "Namespace inventory", about: "Every namespace with its owner and the evidence for that." },
  access: {
    label: "Access review",
    about: "Who may do what in which namespace and in whole clusters, by their bindings.",
  },
  allocation: {
    label: "Cost allocation",
    about: "What each team was given of the cost, month by month, against the invoice.",
  },
  changes: { label: "Change log", about: "Who did what in Bursar, and who asked for and took which report." },
  trail: { label: "Audit trail", about: "What a search of the audit trail finds, each event with its proof." },
};

/** What the form makes. A search of the trail is taken away where it is made. */
export const FORM_KINDS = REPORT_KINDS.filter((kind) => kind !== "trail");

/** What a report is of, in few words. */
export function parameterWords({ frameworkId, period, trail }: ReportParameters): string {
  const days = period && `${period.from.slice(0, 10)} to ${period.to.slice(0, 10)}`;
  const searched = Object.values(trail ?? {}).filter((value) => value !== null);
  return [frameworkId, days, ...(trail !== null && searched.length === 0 ? ["everything"] : searched)]
    .filter(Boolean)
    .join(" · ");
}

/** Of a longer search a list of choices shows the beginning. */
const MOST_LABEL_CHARACTERS = 80;

/** A report among others of its kind: what it is of, and when it was made. */
export function reportLabel({ title, parameters, requestedAt }: ReportView): string {
  const words = parameterWords(parameters);
  const shown = words.length > MOST_LABEL_CHARACTERS ? `${words.slice(0, MOST_LABEL_CHARACTERS)}…` : words;
  return [`Report: ${title}`, shown, `made ${formatInstant(requestedAt)}`].filter(Boolean).join(", ");
}

export const FORMAT_WORDS: Record<ReportFormat, string> = {
  pdf: "PDF/A to read",
  xlsx: "XLSX work paper",
  csv: "CSV, full population",
  jsonl: "JSON Lines",
  oscal: "OSCAL results",
  ocsf: "OCSF findings",
};

export const STATE_WORDS: Record<ReportView["state"], string> = {
  queued: "Waiting",
  running: "Being made",
  ready: "Ready",
  failed: "Failed",
};

const STEP_WORDS = {
  data: "rows written",
  evidence: "pieces of evidence",
  report: "writing the report",
  bundle: "closing the bundle",
};

/** How far a report is, in words. */
export function progressWords({ progress }: ReportView): string {
  if (progress === null) return "";
  const { step, done } = progress;
  return done > 0 ? `${done.toLocaleString("en")} ${STEP_WORDS[step]}` : STEP_WORDS[step];
}

export function sizeWords(bytes: number): string {
  if (bytes < 1_000_000) return `${Math.max(1, Math.round(bytes / 1_000)).toLocaleString("en")} kB`;
  return `${(bytes / 1_000_000).toLocaleString("en", { maximumFractionDigits: 1 })} MB`;
}
