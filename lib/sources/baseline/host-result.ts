import type { ReportedResult } from "#lib/sources/report-files/reported-result.ts";
import { AppError } from "#lib/errors.ts";

/** A host as the resource of a result. Its name is all that these files know of it. */
export function hostOf(name: string): ReportedResult["resource"] {
  return {
    kind: "Host",
    key: name,
    name,
    accountId: null,
    region: null,
    clusterKey: null,
    namespaceUid: null,
    environment: null,
  };
}

/** "baseline:<rule>", of words that stand in a file. */
export function baselineRule(...words: string[]): string {
  return `baseline:${words.map((word) => word.trim().toLowerCase().replaceAll(/\s+/g, "-")).join("/")}`;
}

/** An instant, null where there is none or it cannot be read. */
export function instantOf(value: string | undefined): Date | null {
  // Ansible and OpenSCAP may write no offset; both mean UTC here, as there is no other to assume.
  const at = new Date(value === undefined ? Number.NaN : /(Z|[+-]\d\d:?\d\d)$/.test(value) ? value : `${value}Z`);
  return Number.isNaN(at.getTime()) ? null : at;
}

export function broken(file: string, says: string, cause: unknown = null): AppError {
  return new AppError("bad_data", `${file} ${says}.`, {
    remedy: "Have the file delivered again.",
    place: { file },
    cause,
  });
}
