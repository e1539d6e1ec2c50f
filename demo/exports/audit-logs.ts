import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { auditLogsOf } from "#demo/estate/audit-events.ts";
import type { Estate } from "#demo/estate/estate.ts";

/** Name of the source of the clusters' audit logs. */
export const AUDIT_SOURCE = "cluster-audit";

/** Writes each cluster's audit log as an API server leaves it: what was rotated is packed, the newest lines are in a file of their own. */
export async function writeAuditLogs(folder: string, estate: Estate): Promise<void> {
  for (const { cluster, events } of auditLogsOf(estate)) {
    const own = join(folder, cluster);
    await mkdir(own, { recursive: true });
    const lines = events.map((event) => `${JSON.stringify(event)}\n`);
    const rotated = Math.floor(lines.length * 0.9);
    await writeFile(join(own, "audit-1.log.gz"), gzipSync(lines.slice(0, rotated).join("")));
    await writeFile(join(own, "audit.log"), lines.slice(rotated).join(""));
  }
}

/** How whoever runs the clusters would configure their logs. */
export function auditSourceOf(estate: Estate, folder: string): object {
  return {
    kind: "kubernetes-audit",
    title: "Audit logs of clusters",
    clusters: auditLogsOf(estate).map(({ cluster }) => ({ key: cluster, files: `${folder}/${cluster}` })),
  };
}
