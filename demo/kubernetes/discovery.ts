import { type Kind, groupVersionOf } from "#demo/kubernetes/kinds.ts";
import type { JsonObject } from "#demo/kubernetes/object.ts";
import { createHash } from "node:crypto";

/** What a cluster says it serves. */
export function discoveryOf(kinds: readonly Kind[], version: string) {
  return {
    version: (): JsonObject => ({
      major: "1",
      minor: version.split(".")[1] ?? "",
      gitVersion: version,
      gitCommit: createHash("sha1").update(version).digest("hex"),
      gitTreeState: "clean",
      buildDate: "2026-01-01T00:00:00Z",
      goVersion: "go1.23.5",
      compiler: "gc",
      platform: "linux/amd64",
    }),
    versions: (host: string): JsonObject => ({
      kind: "APIVersions",
      versions: ["v1"],
      serverAddressByClientCIDRs: [{ clientCIDR: "0.0.0.0/0", serverAddress: host }],
    }),
    groups: (): JsonObject => ({
      kind: "APIGroupList",
      apiVersion: "v1",
      groups: [...new Set(kinds.map(({ group }) => group))].filter((group) => group !== "").map(groupEntry),
    }),
    /** One group, null where there is none. */
    group: (name: string): JsonObject | null =>
      kinds.some(({ group }) => group === name) ? { kind: "APIGroup", apiVersion: "v1", ...groupEntry(name) } : null,
    /** The resources of "v1" or "apps/v1", null where there are none. */
    resources: (groupVersion: string): JsonObject | null => {
      const found = kinds.filter((kind) => groupVersionOf(kind) === groupVersion);
      if (found.length === 0) return null;
      return {
        kind: "APIResourceList",
        ...(groupVersion === "v1" ? {} : { apiVersion: "v1" }),
        groupVersion,
        resources: found.flatMap(resourceEntries),
      };
    },
  };

  function groupEntry(name: string): JsonObject {
    const versions = [...new Set(kinds.filter(({ group }) => group === name).map(({ version: one }) => one))].map(
      (one) => ({
        groupVersion: `${name}/${one}`,
        version: one,
      }),
    );
    return { name, versions, preferredVersion: versions[0] ?? {} };
  }
}

function resourceEntries(kind: Kind): JsonObject[] {
  const { resource, singular, namespaced, verbs, shortNames, categories, subresources } = kind;
  return [
    {
      name: resource,
      singularName: singular,
      namespaced,
      kind: kind.kind,
      verbs: [...verbs],
      ...(shortNames.length === 0 ? {} : { shortNames: [...shortNames] }),
      ...(categories.length === 0 ? {} : { categories: [...categories] }),
      ...(verbs.includes("watch") ? { storageVersionHash: hashOf(kind) } : {}),
    },
    ...subresources.map(({ name, kind: kindName, group, version, verbs: allowed }) => ({
      name: `${resource}/${name}`,
      singularName: "",
      namespaced,
      ...(group === "" ? {} : { group, version }),
      kind: kindName,
      verbs: [...allowed],
    })),
  ];
}

function hashOf(kind: Kind): string {
  return createHash("sha256")
    .update(`${groupVersionOf(kind)}/${kind.kind}`)
    .digest()
    .subarray(0, 8)
    .toString("base64");
}
