import { z } from "zod";

const SCHEMA = z.object({
  token: z.string().min(1).nullable().catch(null).default(null),
  // Only a path of this site: a full address would make the sign-in page a way to lead people elsewhere.
  next: z
    .string()
    .regex(/^\/(?![/\\])/)
    .catch("/")
    .default("/"),
});

export function parseSignInParams(raw: Record<string, string | string[] | undefined>): z.output<typeof SCHEMA> {
  return SCHEMA.parse(raw);
}
