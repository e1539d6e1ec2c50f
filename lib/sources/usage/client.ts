import { setTimeout as pause } from "node:timers/promises";
import { AppError } from "#lib/errors.ts";
import { MANAGED_PROMETHEUS_PERMISSIONS, statementOf } from "#lib/sources/aws/permissions.ts";
import type { RequestGate } from "#lib/sources/aws/request-gate.ts";
import type { UsageServerSpec } from "#lib/sources/usage/server-spec.ts";
import { openTransport, plainTransport, type UsageAnswer, type UsageTransport } from "#lib/sources/usage/transport.ts";

/** Tries of one request, the first included. */
const MAX_ATTEMPTS = 4;
const FIRST_PAUSE_MS = 200;

/** A server that answers questions about usage over HTTP. Without a transport it is asked without signing in. */
export type UsageServer = {
  url: string;
  cluster: string;
  what: "Prometheus" | "OpenCost";
  transport?: UsageTransport;
};

/**
 * A server of the settings, opened for as long as `work` takes.
 *
 * @throws AppError as openTransport does, and what `work` throws.
 */
export async function withUsageServer<Result>(
  spec: UsageServerSpec,
  { cluster, what }: Pick<UsageServer, "cluster" | "what">,
  { gate, signal }: { gate: RequestGate; signal: AbortSignal },
  work: (server: UsageServer) => Promise<Result>,
): Promise<Result> {
  const transport = await openTransport(spec, gate, signal);
  try {
    return await work({ url: typeof spec === "string" ? spec : spec.url, cluster, what, transport });
  } finally {
    transport.close();
  }
}

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
  // A signature is over "%20", which "+" is not.
  address.search = Object.entries(query)
    .map(([name, value]) => `${name}=${encodeRfc3986(value)}`)
    .join("&");
  const { get } = server.transport ?? plainTransport;
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await get(address, signal).catch((thrown: unknown) => ({ thrown }));
    signal.throwIfAborted();
    // What is said in our own words is no accident of the network.
    if ("thrown" in outcome && outcome.thrown instanceof AppError) throw outcome.thrown;
    if ("text" in outcome && outcome.status < 300) return readJson(outcome.text, server);
    const isWorthRepeating =
      "thrown" in outcome ? !isAboutCertificates(outcome.thrown) : outcome.status === 429 || outcome.status >= 500;
    if (!isWorthRepeating || attempt >= MAX_ATTEMPTS)
      throw "thrown" in outcome ? unreachable(outcome.thrown, server) : classify(outcome, server);
    await pause(FIRST_PAUSE_MS * 2 ** (attempt - 1), undefined, { signal });
  }
}

function encodeRfc3986(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}

function readJson(text: string, { what, cluster }: UsageServer): unknown {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    throw new AppError("bad_data", `${what} of ${cluster} answered with something that is not JSON.`, {
      remedy: "Check that the address leads to its API and not to a page.",
      cause: thrown,
    });
  }
}

/** What goes wrong while TLS is spoken, by Node's codes, is a matter of certificates. */
const CERTIFICATE_CODES = /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|EPROTO)/;

function isAboutCertificates(thrown: unknown): thrown is Error & { code: string } {
  return thrown instanceof Error && "code" in thrown && CERTIFICATE_CODES.test(String(thrown.code));
}

function unreachable(thrown: unknown, { what, cluster, url }: UsageServer): AppError {
  if (isAboutCertificates(thrown))
    return new AppError(
      "invalid_config",
      `${what} of ${cluster} and Bursar do not trust each other's certificates (${thrown.code}).`,
      {
        remedy:
          "Give the server's certificateAuthority and, where it asks for one, clientCertificate and clientKey, and check that none has expired.",
        cause: thrown,
      },
    );
  return new AppError("unavailable", `${what} of ${cluster} cannot be reached at ${url}.`, {
    remedy: "Check the address, and that Bursar may connect to it.",
    cause: thrown,
  });
}

/** What helps where a server refuses, by how Bursar signs in. */
const REMEDIES: Record<UsageTransport["signIn"], string> = {
  nothing:
    "Let Bursar read it, by the proxy or the network policy that stands before it, or give a bearerToken or username and password.",
  token: "Check that the token is that of an account that may read it, and that it has not expired.",
  password: "Check username and password.",
  signature: `Add to the policy of the role that Bursar uses: ${MANAGED_PROMETHEUS_PERMISSIONS.map(statementOf).join(", ")} Check region and credentials as well, and the clock of this machine.`,
};

function classify({ status, text }: UsageAnswer, { what, cluster, transport }: UsageServer): AppError {
  const said = text.slice(0, 200);
  if (status === 401 || status === 403)
    return new AppError(
      "denied",
      `${what} of ${cluster} refuses to answer (${status})${said === "" ? "" : `: ${said}`}`,
      {
        remedy: REMEDIES[transport?.signIn ?? "nothing"],
      },
    );
  if (status >= 300 && status < 400)
    return new AppError("invalid_config", `${what} of ${cluster} sends Bursar elsewhere (${status}).`, {
      remedy: "Give the address that it leads to; a page for people to sign in is none.",
    });
  if (status === 429) return new AppError("throttled", `${what} of ${cluster} asks for fewer requests.`);
  if (status === 404)
    return new AppError("invalid_config", `There is no API of ${what} at the address given for ${cluster}.`, {
      remedy: "Give the base address, without /api/v1.",
    });
  if (status >= 500) return new AppError("unavailable", `${what} of ${cluster} failed (${status}): ${said}`);
  return new AppError("bad_data", `${what} of ${cluster} did not take the question (${status}): ${said}`);
}
