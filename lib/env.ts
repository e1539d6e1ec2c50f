import { z } from "zod";
import { AppError } from "#lib/errors.ts";

const environmentSchema = z.object({
  /** A PostgreSQL of one's own; without it the embedded server is started. */
  DATABASE_URL: z.string().min(1).optional(),
  /** Bursar's own folder, see lib/db/home.ts. */
  BURSAR_HOME: z.string().min(1).optional(),
  /** The configuration file; otherwise bursar.yaml in the working directory, if there is one. */
  BURSAR_CONFIG: z.string().min(1).optional(),
  /** The address that the pages are served at. Not called HOSTNAME: shells and containers set that to something else. */
  BURSAR_HOST: z.string().min(1).default("127.0.0.1"),
  PORT: z.coerce.number("must be a number").int().min(1).max(65_535).default(3000),
  LOG_LEVEL: z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"]).default("info"),
});

export type Environment = z.infer<typeof environmentSchema>;

/** The environment variables that Bursar knows, checked. Empty ones count as not set. Throws AppError("invalid_config"). */
export function readEnvironment(variables: NodeJS.ProcessEnv = process.env): Environment {
  const set = Object.entries(variables).filter(([, value]) => value !== undefined && value !== "");
  const parsed = environmentSchema.safeParse(Object.fromEntries(set));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const name = String(issue?.path[0] ?? "");
  throw new AppError("invalid_config", `The environment variable ${name} is not valid: ${issue?.message ?? ""}`, {
    remedy: "Correct it or unset it.",
    place: { column: name },
  });
}
