import { AppError, toAppError, type ErrorCode } from "#lib/errors.ts";

/** What the commands end with; docs/COMMAND-LINE.md tells it to people. */
export const EXIT = { ok: 0, failed: 1, usage: 2, partly: 3 } as const;

/** Faults of the surroundings, put right by whoever runs the command and not by running it again. */
const USAGE_CODES: readonly ErrorCode[] = [
  "invalid_config",
  "invalid_input",
  "conflict",
  "not_found",
  "denied",
  "unavailable",
];

export function exitCodeOf(thrown: unknown): number {
  return thrown instanceof AppError && USAGE_CODES.includes(thrown.code) ? EXIT.usage : EXIT.failed;
}

/** 0 where everything went well, 1 where nothing did, 3 in between. */
export function exitCodeFor(outcomes: readonly boolean[]): number {
  if (outcomes.every(Boolean)) return EXIT.ok;
  return outcomes.some(Boolean) ? EXIT.partly : EXIT.failed;
}

/** The error in words on stderr, or as one JSON document on stdout. A stack is shown for our own mistakes only. */
export function reportFailure(thrown: unknown, options: { json: boolean }): void {
  const error = toAppError(thrown);
  process.exitCode = exitCodeOf(thrown);
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ error: error.toJSON() })}\n`);
    return;
  }
  process.stderr.write(`${error.message}\n${error.remedy === null ? "" : `${error.remedy}\n`}`);
  if (error.code === "internal" && error.cause instanceof Error && error.cause.stack)
    process.stderr.write(`${error.cause.stack}\n`);
}
