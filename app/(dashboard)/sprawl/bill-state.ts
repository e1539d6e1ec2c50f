import type { BillBasis } from "#lib/domain/cluster-bill/cluster-hour.ts";
import { withParams } from "#app/(dashboard)/sprawl/hrefs.ts";

/** What the costs on a page of a cluster or a namespace are of. Everything of it stands in the URL; defaults are left out there. */
export type BillState = {
  /** As on /spend: "2026-03", "2026-Q1", "2026" or half-open days; null = the days that lists sum over. */
  period: string | null;
  basis: BillBasis;
  /** ISO instant; null = now. */
  asOf: string | null;
};

/** The page at a path with another question. @param path may carry parameters of its own. */
export function billHref(path: string, { period, basis, asOf }: BillState): string {
  const [place = path, own = ""] = path.split("?");
  return withParams(place, {
    ...Object.fromEntries(new URLSearchParams(own)),
    period,
    basis: basis === "effective" ? null : basis,
    asOf,
  });
}
