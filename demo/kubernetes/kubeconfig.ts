import { writeFile } from "node:fs/promises";
import { stringify } from "yaml";
import type { RoleName } from "#demo/kubernetes/access.ts";

/** The token of a role in a cluster. It opens no other cluster. */
export function tokenOf(cluster: string, role: RoleName): string {
  return `demo.${cluster}.${role}`;
}

/** A kubeconfig with a context per cluster. Every cluster has a user of its own name, for users of several files are merged by name. */
export function kubeconfigOf(url: string, clusters: readonly string[], role: RoleName): string {
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": clusters[0] ?? "",
    // There is no TLS to verify; the official client refuses plain HTTP unless it is told so.
    clusters: clusters.map((name) => ({
      name,
      cluster: { server: `${url}/clusters/${name}`, "insecure-skip-tls-verify": true },
    })),
    users: clusters.map((name) => ({ name: `${name}-${role}`, user: { token: tokenOf(name, role) } })),
    contexts: clusters.map((name) => ({ name, context: { cluster: name, user: `${name}-${role}` } })),
  });
}

export async function writeKubeconfigFile(path: string, text: string): Promise<void> {
  // It holds tokens.
  await writeFile(path, text, { mode: 0o600 });
}
