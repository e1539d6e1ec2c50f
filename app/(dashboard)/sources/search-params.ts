import { z } from "zod";

const SCHEMA = z.object({ source: z.string().min(1).nullable().catch(null).default(null) });

/** The source that a link points at; null = all of them. */
export function parseSourcesParams(raw: Record<string, string | string[] | undefined>): { source: string | null } {
  return SCHEMA.parse(raw);
}
