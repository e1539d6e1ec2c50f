import { randomBytes } from "node:crypto";
import { AppError, toAppError, type AppErrorJson } from "#lib/errors.ts";
import { log } from "#lib/log.ts";

/** An error as a screen or an API answer shows it. The id stands in the log beside what we alone should see. */
export type ErrorView = AppErrorJson & { id: string };

/**
 * Any thrown value as an ErrorView. Expected errors keep their words; of an unexpected one only the id is shown,
 * and the log keeps the rest.
 */
export function toErrorView(thrown: unknown): ErrorView {
  const id = randomBytes(4).toString("hex");
  const error = toAppError(thrown);
  if (thrown instanceof AppError && error.code !== "internal") return { ...error.toJSON(), id };
  log.error({ err: thrown, errorId: id }, "An unexpected error was shown to a person.");
  return {
    code: "internal",
    message: "Bursar failed at this, and nothing was changed.",
    remedy: `Try again; if it happens again, give your administrator the id ${id}, which stands in the log.`,
    place: null,
    id,
  };
}
