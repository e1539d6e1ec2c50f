import { AppError, toAppError } from "#lib/errors.ts";
import { checkStep } from "#lib/sources/aws/check-step.ts";
import type { RequestGate } from "#lib/sources/aws/request-gate.ts";
import { EKS_LOG_PERMISSIONS } from "#lib/sources/aws/permissions.ts";
import type { EventReading, ReadEventsOptions } from "#lib/sources/event-reading.ts";
import { listEventFiles } from "#lib/sources/event-files/list-event-files.ts";
import { readAuditFiles } from "#lib/sources/kubernetes-audit/read-files.ts";
import { readAuditLogs } from "#lib/sources/kubernetes-audit/read-logs.ts";
import { openLogRequests } from "#lib/sources/kubernetes-audit/requests.ts";
import type { AuditedCluster, EksLogs, KubernetesAuditSpec } from "#lib/sources/kubernetes-audit/spec.ts";
import { fingerprintOf } from "#lib/sources/focus/fingerprint.ts";
import type { CheckResult, OfferedSlice, SourceFile } from "#lib/sources/source.ts";

export type { KubernetesAuditSpec } from "#lib/sources/kubernetes-audit/spec.ts";

const FILES = "files";
const EKS_LOGS = "eks-logs";
const HOUR_MS = 3_600_000;

/** A slice for each cluster and way that is asked rather than waited for: "workplace/files", "core/eks-logs". */
export async function planAudit(spec: KubernetesAuditSpec, logicalTime: Date): Promise<OfferedSlice[]> {
  const slices: OfferedSlice[] = [];
  for (const { key, files, eksLogs } of spec.clusters) {
    if (files !== undefined) slices.push(await planFiles(`${key}/${FILES}`, files, logicalTime));
    if (eksLogs) slices.push({ period: `${key}/${EKS_LOGS}`, fingerprint: logicalTime.toISOString(), files: [] });
  }
  return slices;
}

/** Files that cannot be listed fail their own reading, with the reason, and hold up no other cluster. */
async function planFiles(period: string, path: string, logicalTime: Date): Promise<OfferedSlice> {
  try {
    const files = (await listEventFiles(path)).map(({ name, location, size, version }): SourceFile => ({
      name,
      location,
      size,
      version,
      format: "json",
    }));
    return { period, fingerprint: fingerprintOf(files), files };
  } catch {
    return { period, fingerprint: `not listed ${logicalTime.toISOString()}`, files: [] };
  }
}

/** What a slice has beyond the cursor. @throws AppError "not_found" for a slice that the settings do not have. */
export function readAudit(
  sourceKey: string,
  spec: KubernetesAuditSpec,
  { period }: OfferedSlice,
  options: ReadEventsOptions & { gate: RequestGate },
): EventReading {
  const [key, way] = period.split("/");
  const cluster = spec.clusters.find((one) => one.key === key);
  const origin = { sourceKey, clusterKey: key ?? "" };
  if (way === FILES && cluster?.files !== undefined) return readAuditFiles(origin, cluster.files, options);
  if (way === EKS_LOGS && cluster?.eksLogs) return readAuditLogs(origin, cluster.eksLogs, options.gate, options);
  throw new AppError("not_found", `The source has no "${period}".`);
}

/** Can each way be read? Never throws for what it checks. */
export async function checkAudit(
  spec: KubernetesAuditSpec,
  { gate, now, signal }: { gate: RequestGate; now: Date; signal: AbortSignal },
): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for (const { key, files, eksLogs, webhook } of spec.clusters) {
    if (webhook)
      results.push({ what: `${key}: events are taken at /api/v1/kubernetes-audit/${key}`, ok: true, error: null });
    if (files !== undefined) results.push(await checkFiles(key, files));
    if (eksLogs) results.push(...(await checkLogs(key, eksLogs, { gate, now, signal })));
  }
  return results;
}

async function checkFiles(key: AuditedCluster["key"], path: string): Promise<CheckResult> {
  const what = `${key}: list the audit log at ${path}`;
  try {
    await listEventFiles(path);
    return { what, ok: true, error: null };
  } catch (thrown) {
    return { what, ok: false, error: toAppError(thrown).toJSON() };
  }
}

async function checkLogs(
  key: string,
  logs: EksLogs,
  { gate, now, signal }: { gate: RequestGate; now: Date; signal: AbortSignal },
): Promise<CheckResult[]> {
  const { pages, clients } = await openLogRequests(logs, gate, signal);
  try {
    const who = logs.roleArn === undefined ? "find credentials of AWS" : `assume ${logs.roleArn}`;
    const credentials = await checkStep(`${key}: ${who}`, () => clients.assumeRole());
    if (!credentials.ok) return [credentials];
    const [{ action, why }] = EKS_LOG_PERMISSIONS;
    const read = await checkStep(`${key}: read ${why} (${action})`, async () => {
      await pages(new Date(now.getTime() - HOUR_MS), now).next();
    });
    return [credentials, read];
  } finally {
    clients.close();
  }
}
