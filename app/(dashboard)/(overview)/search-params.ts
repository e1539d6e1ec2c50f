import { z } from "zod";

const SCHEMA = z.object({ asOf: z.iso.datetime({ offset: true }).nullable().catch(null).default(null) });

/** The instant that the page is read at; null = now. */
export function parseOverviewParams(raw: Record<string, string | string[] | undefined>): { asOf: Date | null } {
  const { asOf } = SCHEMA.parse(raw);
  return { asOf: asOf === null ? null : new Date(asOf) };
}
