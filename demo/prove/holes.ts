import { listSources } from "#lib/services/sources/list-sources.ts";
import type { Measure } from "#demo/prove/measure.ts";
import type { ProvedEstate } from "#demo/prove/proved-estate.ts";

/** The month that was never delivered is reported, and no other. */
export async function proveHoles({ truth, context }: ProvedEstate): Promise<Measure[]> {
  const sources = await listSources(context());
  const found = sources.flatMap((source) =>
    source.slices
      .filter((slice) => slice.state !== "loaded")
      .map((slice) => `${source.key} ${slice.period} ${slice.state}`),
  );
  const expected = truth.holes.map((hole) => `${hole.source} ${hole.period} missing`);
  return [
    {
      promise: "holes",
      measure: "months that are not there",
      expected: expected.toSorted().join(", "),
      found: found.toSorted().join(", "),
    },
  ];
}
