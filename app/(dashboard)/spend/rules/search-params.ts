import { z } from "zod";

const SCHEMA = z.object({ tab: z.enum(["rules", "pools", "periods"]).catch("rules").default("rules") });

/** Which of the three lists is open. */
export function parseRulesParams(raw: Record<string, string | string[] | undefined>): z.output<typeof SCHEMA> {
  return SCHEMA.parse(raw);
}
