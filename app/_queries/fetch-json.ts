import type { ErrorView } from "#lib/http/error-view.ts";

/** What the API answered instead of a value, with what to do about it. */
export class ApiError extends Error {
  readonly view: ErrorView;
  constructor(view: ErrorView) {
    super(view.message);
    this.name = "ApiError";
    this.view = view;
  }
}

/** Reads from the API. The type is that of the service behind the route. */
export async function fetchJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  return answerOf<T>(await send(path, { signal }));
}

/** Writes to the API. */
export async function sendJson<T>(method: "POST" | "DELETE", path: string, body?: unknown): Promise<T> {
  return answerOf<T>(
    await send(path, {
      method,
      headers: { "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    }),
  );
}

/** Sends a form with a file. */
export async function sendForm<T>(path: string, form: FormData): Promise<T> {
  return answerOf<T>(await send(path, { method: "POST", body: form }));
}

/** Any thrown value as what a screen shows. */
export function errorViewOf(thrown: unknown): ErrorView {
  if (thrown instanceof ApiError) return thrown.view;
  return noAnswer(thrown instanceof Error ? thrown.message : String(thrown));
}

async function send(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, { ...init, credentials: "same-origin" });
  } catch (thrown) {
    if (init.signal?.aborted === true) throw thrown;
    throw new ApiError(noAnswer("Bursar's server does not answer."));
  }
}

async function answerOf<T>(response: Response): Promise<T> {
  const text = await response.text();
  const body = parse(text);
  if (response.ok) return body as T;
  const error =
    typeof body === "object" && body !== null && "error" in body ? (body as { error: ErrorView }).error : null;
  throw new ApiError(error ?? noAnswer(`Bursar's server answered with status ${response.status}.`));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // A proxy in between answers in HTML; the caller reports the status.
    return null;
  }
}

function noAnswer(message: string): ErrorView {
  return { code: "unavailable", message, remedy: "Check that Bursar is running, then try again.", place: null, id: "" };
}
