/** Every way in which Bursar can refuse or fail. Callers decide by this code, never by a message. */
export type ErrorCode =
  // A source's errors, classified once in its client.
  | "denied"
  | "throttled"
  | "invalid_config"
  | "unavailable"
  | "bad_data"
  // What was asked was answered: the service is off there, which some rules are about.
  | "switched_off"
  // Our own.
  | "not_balanced"
  | "superseded"
  | "forbidden"
  | "unauthenticated"
  | "not_found"
  | "invalid_input"
  | "conflict"
  | "limit_reached"
  | "internal";

/** Where bad input stands: as much as is known. Rows count from 1 without the header. */
export type ErrorPlace = { file?: string; line?: number; row?: number; column?: string; value?: string };

export type AppErrorJson = { code: ErrorCode; message: string; remedy: string | null; place: ErrorPlace | null };

/**
 * The one error class. `message` says what happened, in a whole sentence; `remedy` what the reader can do about it.
 * Neither ever contains a secret.
 */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly remedy: string | null;
  readonly place: ErrorPlace | null;

  constructor(
    code: ErrorCode,
    message: string,
    options: { remedy?: string; place?: ErrorPlace; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = "AppError";
    this.code = code;
    this.remedy = options.remedy ?? null;
    this.place = options.place ?? null;
  }

  toJSON(): AppErrorJson {
    return { code: this.code, message: this.message, remedy: this.remedy, place: this.place };
  }
}

/** Any thrown value as an AppError; what is not one becomes "internal" and keeps its cause for the log. */
export function toAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new AppError("internal", message, { cause: thrown });
}
