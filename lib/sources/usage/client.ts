import { setTimeout as pause } from "node:timers/promises";
import { AppError } from "#lib/errors.ts";

/** Tries of one request, the first included. */
const MAX_ATTEMPTS = 4;
const FIRST_PAUSE_MS = 200;
const REQUEST_TIMEOUT_MS = 120_000;
/** A day of a large cluster by namespace and node. */
const MOST_ANSWER_CHARACTERS = 256_000_000;

/** A server that answers questions about usage over HTTP. */
export type UsageServer = { url: string; cluster: string; what: "Prometheus" | "OpenCost" };

/**
 * The answer of a GET as JSON.
 *
 * @throws AppError "denied", "throttled", "unavailable", "invalid_config" or "bad_data".
 */
export async function askUsage(
  server: UsageServer,
  path: string,
  query: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<unknown> {
  const address = new URL(`${server.url.replace(/\/+$/, "")}${path}`);
  for (const [name, value] of Object.entries(query)) address.searchParams.set(name, value);
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await send(address, signal).catch((thrown: unknown) => ({ thrown }));
    signal.throwIfAborted();
    if ("text" in outcome && outcome.status < 300) return readJson(outcome.text, server);
    const isWorthRepeating = "thrown" in outcome || outcome.status === 429 || outcome.status >= 500;
    if (!isWorthRepeating || attempt >= MAX_ATTEMPTS)
      throw "thrown" in outcome ? unreachable(outcome.thrown, server) : classify(outcome, server);
    await pause(FIRST_PAUSE_MS * 2 ** (attempt - 1), undefined, { signal });
  }
}

type Answer = { status: number; text: string };

async function send(address: URL, signal: AbortSignal): Promise<Answer> {
  const response = await fetch(address, {
    headers: { accept: "application/json", "user-agent": "bursar" },
    signal: AbortSignal.any([signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]),
  });
  return { status: response.status, text: await response.text() };
}

function readJson(text: string, { what, cluster }: UsageServer): unknown {
  if (text.length > MOST_ANSWER_CHARACTERS)
    throw new AppError("limit_reached", `${what} of ${cluster} answered with more than can be read at once.`, {
      remedy: "Have it keep fewer labels, or split the cluster's namespaces over several servers.",
    });
  try {
    return JSON.parse(text);
  } catch (thrown) {
    throw new AppError("bad_data", `${what} of ${cluster} answered with something that is not JSON.`, {
      remedy: "Check that the address leads to its API and not to a page.",
      cause: thrown,
    });
  }
}

function unreachable(thrown: unknown, { what, cluster, url }: UsageServer): AppError {
  return new AppError("unavailable", `${what} of ${cluster} cannot be reached at ${url}.`, {
    remedy: "Check the address, and that Bursar may connect to it.",
    cause: thrown,
  });
}

function classify({ status, text }: Answer, { what, cluster }: UsageServer): AppError {
  const said = text.slice(0, 200);
  if (status === 401 || status === 403)
    return new AppError("denied", `${what} of ${cluster} refuses to answer (${status}).`, {
      remedy: "Let Bursar read it, by the proxy or the network policy that stands before it.",
    });
  if (status === 429) return new AppError("throttled", `${what} of ${cluster} asks for fewer requests.`);
  if (status === 404)
    return new AppError("invalid_config", `There is no API of ${what} at the address given for ${cluster}.`, {
      remedy: "Give the base address, without /api/v1.",
    });
  if (status >= 500) return new AppError("unavailable", `${what} of ${cluster} failed (${status}): ${said}`);
  return new AppError("bad_data", `${what} of ${cluster} did not take the question (${status}): ${said}`);
}
