import { z } from "zod";

const SCHEMA = z.object({
  before: z.string().regex(/^\d+$/).nullable().catch(null).default(null),
  action: z.string().min(1).nullable().catch(null).default(null),
});

/** Where in the log the page stands, and which kind of entry it shows. */
export function parseActivityParams(raw: Record<string, string | string[] | undefined>): z.output<typeof SCHEMA> {
  return SCHEMA.parse(raw);
}

export function activityHref(params: { before: string | null; action: string | null }): string {
  const search = new URLSearchParams();
  if (params.action !== null) search.set("action", params.action);
  if (params.before !== null) search.set("before", params.before);
  return search.size === 0 ? "/activity" : `/activity?${search.toString()}`;
}
