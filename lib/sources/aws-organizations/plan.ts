import type { OfferedSlice } from "#lib/sources/source.ts";

/** One slice, "all". An organisation has no version to compare, so that every hour may read it anew. */
export async function planOrganization({ logicalTime }: { logicalTime: Date }): Promise<OfferedSlice[]> {
  const hour = logicalTime.toISOString().slice(0, "2026-11-21T05".length);
  return [{ period: "all", fingerprint: `read ${hour}`, files: [] }];
}
