import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { request as requestPlain, type IncomingMessage } from "node:http";
import { request as requestSecure } from "node:https";
import { Sha256 } from "@aws-crypto/sha256-js";
import { HttpRequest } from "@smithy/protocol-http";
import { SignatureV4 } from "@smithy/signature-v4";
import { AppError } from "#lib/errors.ts";
import { openAwsClients, type AwsClients } from "#lib/sources/aws/client.ts";
import type { RequestGate } from "#lib/sources/aws/request-gate.ts";
import { isPem, type SignedServer, type UsageServerSpec } from "#lib/sources/usage/server-spec.ts";

const REQUEST_TIMEOUT_MS = 120_000;
/** A day of a large cluster by namespace and node. */
const MOST_ANSWER_BYTES = 256_000_000;

export type UsageAnswer = { status: number; text: string };

/** How one server is reached: what every request to it is sent with. */
export type UsageTransport = {
  /** How Bursar says who it is, for the message of a refusal. */
  signIn: "nothing" | "token" | "password" | "signature";
  get(address: URL, signal: AbortSignal): Promise<UsageAnswer>;
  close(): void;
};

type Secrets = { headers?: Record<string, string>; ca?: string; cert?: string; key?: string };

/** Without signing in. */
export const plainTransport: UsageTransport = {
  signIn: "nothing",
  get: (address, signal) => send(address, {}, signal),
  close: () => {},
};

/**
 * The way to a server as the settings have it: a token, a password, certificates, or a signature of AWS by the source's own credentials
 * or those of a role. Signed requests pass the gate like every other one to AWS.
 *
 * @throws AppError "invalid_config" where a file cannot be read, as openAwsClients does.
 */
export async function openTransport(
  spec: UsageServerSpec,
  gate: RequestGate,
  signal: AbortSignal,
): Promise<UsageTransport> {
  if (typeof spec === "string") return plainTransport;
  const tls = await certificatesOf(spec);
  if (spec.aws !== undefined)
    return signedTransport(spec.aws.region, tls, await openAwsClients(spec.aws, gate, signal));
  const { username, password, bearerToken, bearerTokenFile } = spec;
  if (username !== undefined) {
    const authorization = `Basic ${Buffer.from(`${username}:${password ?? ""}`).toString("base64")}`;
    return withHeader("password", async () => authorization, tls);
  }
  if (bearerToken !== undefined) return withHeader("token", async () => `Bearer ${bearerToken}`, tls);
  if (bearerTokenFile !== undefined)
    return withHeader("token", async () => `Bearer ${(await readSecret(bearerTokenFile)).trim()}`, tls);
  return { signIn: "nothing", get: (address, limit) => send(address, tls, limit), close: () => {} };
}

function withHeader(signIn: UsageTransport["signIn"], header: () => Promise<string>, tls: Secrets): UsageTransport {
  return {
    signIn,
    get: async (address, signal) => send(address, { ...tls, headers: { authorization: await header() } }, signal),
    close: () => {},
  };
}

/** Signature Version 4 for Amazon Managed Service for Prometheus. The query goes out as it was signed. */
function signedTransport(region: string, tls: Secrets, clients: AwsClients): UsageTransport {
  const signer = new SignatureV4({ service: "aps", region, sha256: Sha256, credentials: clients.credentials });
  return {
    signIn: "signature",
    get: (address, signal) =>
      clients.pass(
        { api: "aps", region, operation: "QueryMetrics" },
        async () => {
          const { headers } = await signer.sign(
            new HttpRequest({
              method: "GET",
              protocol: address.protocol,
              hostname: address.hostname,
              path: address.pathname,
              query: Object.fromEntries(address.searchParams),
              headers: { host: address.host },
            }),
          );
          return send(address, { ...tls, headers }, signal);
        },
        ({ status }) => (status === 429 ? "throttled" : status >= 400 ? "failed" : "answered"),
      ),
    close: () => clients.close(),
  };
}

async function certificatesOf(spec: SignedServer): Promise<Secrets> {
  const [ca, cert, key] = await Promise.all(
    [spec.certificateAuthority, spec.clientCertificate, spec.clientKey].map(async (value) =>
      value === undefined || isPem(value) ? value : readSecret(value),
    ),
  );
  if (cert !== undefined) refuseOver(cert);
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
}

/** Since TLS 1.3 a server that refuses a client's certificate just hangs up, which says nothing about why. */
function refuseOver(certificate: string): void {
  let until: string;
  try {
    until = new X509Certificate(certificate).validTo;
  } catch (thrown) {
    throw new AppError("invalid_config", "The clientCertificate is no certificate in PEM.", { cause: thrown });
  }
  if (Date.parse(until) > Date.now()) return;
  throw new AppError("invalid_config", `The clientCertificate has expired: it was good until ${until}.`, {
    remedy: "Have a new one made for Bursar.",
  });
}

async function readSecret(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (thrown) {
    throw new AppError("invalid_config", `The file ${file} cannot be read.`, {
      remedy: "Check that it is there and that Bursar may read it.",
      place: { file },
      cause: thrown,
    });
  }
}

/** No redirects are followed: what signs in here is for this server and no other. */
function send(address: URL, { headers, ...tls }: Secrets, signal: AbortSignal): Promise<UsageAnswer> {
  const request = address.protocol === "https:" ? requestSecure : requestPlain;
  return new Promise((resolve, reject) => {
    const sent = request(
      address,
      {
        ...tls,
        headers: { accept: "application/json", "user-agent": "bursar", ...headers },
        signal: AbortSignal.any([signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]),
      },
      (response) => void readText(response).then((text) => resolve({ status: response.statusCode ?? 0, text }), reject),
    );
    sent.once("error", reject);
    sent.end();
  });
}

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MOST_ANSWER_BYTES)
      throw new AppError("limit_reached", "A server answered with more than can be read at once.", {
        remedy: "Have it keep fewer labels, or split the cluster's namespaces over several servers.",
      });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
