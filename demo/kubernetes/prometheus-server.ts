import { createServer as createPlain, type IncomingMessage, type RequestListener } from "node:http";
import { createServer as createSecure } from "node:https";
import { closeServer, listen } from "#demo/aws/loopback.ts";
import { createPrometheus } from "#demo/kubernetes/prometheus.ts";
import { UnknownPath } from "#demo/kubernetes/status.ts";
import type { PlannedCluster } from "#demo/estate/namespaces.ts";

/** What the proxy before a Prometheus asks for. */
export type PrometheusDemand = {
  /** Tokens that are good until an instant; null = for ever. */
  tokens?: Record<string, Date | null>;
  /** Passwords by name. */
  passwords?: Record<string, string>;
  /** PEM. With `clientAuthority` a client has to show a certificate that it signed. */
  tls?: { certificate: string; key: string; clientAuthority?: string };
};

export type DemandingPrometheus = { url: string; refusals: string[]; close(): Promise<void> };

/** Prometheus of one cluster behind a proxy that lets nobody through who does not sign in. Loopback only. */
export async function startPrometheus(
  cluster: PlannedCluster,
  { today, clock, demand }: { today: string; clock: () => Date; demand: PrometheusDemand },
): Promise<DemandingPrometheus> {
  const prometheus = createPrometheus(cluster, today, clock);
  const refusals: string[] = [];
  const listener: RequestListener = (request, response) => {
    const refusal = refuse(request, demand, clock());
    if (refusal !== null) {
      refusals.push(refusal);
      response.writeHead(401, { "content-type": "text/plain", "www-authenticate": schemeOf(demand) });
      return void response.end(refusal);
    }
    const url = new URL(request.url ?? "/", "http://localhost");
    try {
      const { code, body } = prometheus.answer(url.pathname, url.searchParams);
      response.writeHead(code, { "content-type": "application/json" }).end(body);
    } catch (error) {
      response.writeHead(error instanceof UnknownPath ? 404 : 500).end();
    }
  };
  const { tls } = demand;
  const server =
    tls === undefined
      ? createPlain(listener)
      : createSecure(
          {
            cert: tls.certificate,
            key: tls.key,
            ...(tls.clientAuthority === undefined ? {} : { ca: tls.clientAuthority, requestCert: true }),
          },
          listener,
        );
  const port = await listen(server, 0);
  return {
    url: `${tls === undefined ? "http" : "https"}://127.0.0.1:${port}`,
    refusals,
    close: () => closeServer(server),
  };
}

function schemeOf({ passwords }: PrometheusDemand): string {
  return passwords === undefined ? "Bearer" : 'Basic realm="prometheus"';
}

/** Why somebody is not let through; null where nothing is wrong. */
function refuse({ headers }: IncomingMessage, { tokens, passwords }: PrometheusDemand, now: Date): string | null {
  const authorization = headers.authorization ?? "";
  if (passwords !== undefined) {
    const [, encoded = ""] = /^Basic (.+)$/.exec(authorization) ?? [];
    const [name = "", ...password] = Buffer.from(encoded, "base64").toString().split(":");
    return Object.hasOwn(passwords, name) && passwords[name] === password.join(":") ? null : "Unauthorized";
  }
  if (tokens === undefined) return null;
  const token = /^Bearer (.+)$/.exec(authorization)?.[1] ?? "";
  if (!Object.hasOwn(tokens, token)) return "Unauthorized";
  const until = tokens[token] ?? null;
  return until !== null && until <= now ? "token is expired" : null;
}
