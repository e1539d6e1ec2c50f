import { toAppError } from "#lib/errors.ts";
import type { CheckResult } from "#lib/sources/source.ts";
import { planAwsDataExport, planAzureExport } from "#lib/sources/focus/layouts.ts";
import { listLocalFiles } from "#lib/sources/focus/local-files.ts";
import { withStore } from "#lib/sources/focus/plan.ts";
import type { FocusSpec } from "#lib/sources/focus/spec.ts";

/**
 * What `bursar check` says about a source of FOCUS files: can its place be listed, and does a manifest lead to files that may be read.
 * Never throws for what it checks: each line holds its own error, with the missing permission and the resource by name.
 */
export async function checkFocus(
  spec: FocusSpec,
  signal: AbortSignal = new AbortController().signal,
): Promise<CheckResult[]> {
  if (spec.layout === "files") return [await outcome(`Files at ${spec.path}`, () => listLocalFiles(spec.path))];
  const place = spec.path ?? `s3://${spec.bucket ?? ""}/${spec.prefix}`;
  return withStore(spec, signal, async (store) => {
    const listing = await outcome(`List the folders of ${place}`, () => store.listFolders(""));
    if (!listing.ok) return [listing];
    const plan = spec.layout === "azure-exports" ? planAzureExport : planAwsDataExport;
    return [listing, await outcome(`Read the manifests of ${place} and find their files`, () => plan(store))];
  });
}

async function outcome(what: string, work: () => Promise<unknown>): Promise<CheckResult> {
  try {
    await work();
    return { what, ok: true, error: null };
  } catch (thrown) {
    return { what, ok: false, error: toAppError(thrown).toJSON() };
  }
}
