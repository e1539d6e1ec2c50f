import type { OfferedSlice } from "#lib/sources/source.ts";

/** One slice, "all". What is in clusters has no version to compare, so that every quarter of an hour may read it anew. */
export async function planKubernetes({ logicalTime }: { logicalTime: Date }): Promise<OfferedSlice[]> {
  const quarter = Math.floor(logicalTime.getTime() / 900_000) * 900_000;
  return [{ period: "all", fingerprint: `read ${new Date(quarter).toISOString()}`, files: [] }];
}
