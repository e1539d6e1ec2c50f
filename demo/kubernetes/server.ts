import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Identity, RoleName } from "#demo/kubernetes/access.ts";
import { type Answer, answerResource, resourceOf } from "#demo/kubernetes/answer.ts";
import {
  createFaultPlan,
  type FaultedCall,
  type KubernetesFaults,
  type PlannedFault,
} from "#demo/kubernetes/faults.ts";
import { kubeconfigOf, tokenOf, writeKubeconfigFile } from "#demo/kubernetes/kubeconfig.ts";
import { readPath, type Asked } from "#demo/kubernetes/request.ts";
import {
  serveEmptyCluster,
  serveEstateCluster,
  serveSyntheticCluster,
  type ServedCluster,
} from "#demo/kubernetes/served-cluster.ts";
import { methodNotAllowed, StatusError, UnknownPath } from "#demo/kubernetes/status.ts";
import { createSyntheticClusters, type SyntheticSize } from "#demo/kubernetes/synthetic.ts";
import type { Estate } from "#demo/estate/estate.ts";
import { plannedClusters } from "#demo/estate/namespaces.ts";

export type KubernetesOptions = {
  /** Its 12 clusters; absent = none of them. */
  estate?: Estate;
  /** Clusters of these sizes for benches, written from templates. */
  synthetic?: SyntheticSize;
  /** Clusters with nothing in them, by name. */
  emptyClusters?: readonly string[];
  /** 0 or absent = any free one. */
  port?: number;
  /** What time it is in the clusters: noon of the estate's day and on from there, or the time of the machine on that day. */
  clock?: () => Date;
  /** How long it takes until what was deleted is gone. */
  terminationMs?: number;
  bookmarkMs?: number;
};

/** One request as it was answered. */
export type KubernetesCall = {
  cluster: string;
  /** A verb of RBAC, "discovery" or "prometheus". */
  verb: string;
  /** "pods", "deployments.apps/scale", or the path of a discovery. */
  resource: string;
  namespace: string | null;
  user: string | null;
  query: string;
  status: number;
};

export type KubernetesServer = {
  port: number;
  url: string;
  clusters: string[];
  /** The newest requests. */
  calls: KubernetesCall[];
  /** Requests so far by "verb resource", over all clusters or in one. */
  counts(cluster?: string): Record<string, number>;
  faults: KubernetesFaults;
  tokenOf(cluster: string, role: RoleName): string;
  /** Base address of the cluster's Prometheus, null where it has none. */
  prometheusUrlOf(cluster: string): string | null;
  kubeconfig(role?: RoleName, clusters?: readonly string[]): string;
  writeKubeconfig(path: string, role?: RoleName, clusters?: readonly string[]): Promise<void>;
  /** What a token may do, to be changed by a test. @throws RangeError for one that there is not. */
  identity(cluster: string, role: RoleName): Identity;
  /** Forgets old revisions: tokens and watches from before are answered with 410. */
  compact(cluster: string): void;
  close(): Promise<void>;
};

const MAXIMUM_LOGGED_CALLS = 20_000;
const LARGEST_BODY_BYTES = 3 * 1024 * 1024;
const DEFAULT_TERMINATION_MS = 5_000;
const DEFAULT_BOOKMARK_MS = 60_000;
const FLOW_SCHEMA = "b1185d66-5d40-4c63-ad22-3d183ef858a0";
const PRIORITY_LEVEL = "6ab03d61-cacf-48f1-bdca-139afa08b0f2";

/** Speaks the Kubernetes API for every cluster below /clusters/<name>, and Prometheus' below /clusters/<name>/prometheus. Loopback only. */
export async function startKubernetes(options: KubernetesOptions): Promise<KubernetesServer> {
  const clock = options.clock ?? clockOf(options.estate);
  const clusters = new Map(clustersOf(options, clock).map((cluster) => [cluster.name, cluster]));
  const plan = createFaultPlan();
  const calls: KubernetesCall[] = [];
  const counts = new Map<string, Map<string, number>>();
  const log = (call: KubernetesCall) => {
    calls.push(call);
    if (calls.length > MAXIMUM_LOGGED_CALLS) calls.splice(0, MAXIMUM_LOGGED_CALLS / 10);
    const own = counts.get(call.cluster) ?? new Map<string, number>();
    counts.set(call.cluster, own);
    const key = `${call.verb} ${call.resource}`;
    own.set(key, (own.get(key) ?? 0) + 1);
  };
  const surroundings: Surroundings = {
    clusters,
    clock,
    log,
    take: plan.take,
    bookmarkMs: options.bookmarkMs ?? DEFAULT_BOOKMARK_MS,
  };
  const server = createServer((request, response) => void answer(request, response, surroundings));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The Kubernetes server has no port.");
  const url = `http://127.0.0.1:${address.port}`;
  const names = [...clusters.keys()];
  const named = (name: string): ServedCluster => {
    const cluster = clusters.get(name);
    if (!cluster) throw new RangeError(`There is no cluster ${name}.`);
    return cluster;
  };
  const kubeconfig = (role: RoleName = "reader", only: readonly string[] = names) => kubeconfigOf(url, only, role);
  return {
    port: address.port,
    url,
    clusters: names,
    calls,
    counts: (cluster) => sumsOf(cluster === undefined ? [...counts.values()] : [counts.get(cluster) ?? new Map()]),
    faults: plan.faults,
    tokenOf,
    prometheusUrlOf: (name) => (named(name).prometheus === null ? null : `${url}/clusters/${name}/prometheus`),
    kubeconfig,
    writeKubeconfig: (path, role, only) => writeKubeconfigFile(path, kubeconfig(role, only)),
    identity: (name, role) => {
      const identity = named(name).identities.get(tokenOf(name, role));
      if (!identity) throw new RangeError(`${name} has no ${role}.`);
      return identity;
    },
    compact: (name) => {
      named(name).store().compact();
      named(name).synthetic?.compact();
    },
    close: () =>
      new Promise((resolve, reject) => {
        for (const cluster of clusters.values()) cluster.stop();
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
}

function clustersOf(options: KubernetesOptions, clock: () => Date): ServedCluster[] {
  const { estate, synthetic, emptyClusters = [], terminationMs = DEFAULT_TERMINATION_MS } = options;
  return [
    ...(estate
      ? plannedClusters(estate).map((cluster) => serveEstateCluster(estate, cluster, clock, terminationMs))
      : []),
    ...(synthetic ? createSyntheticClusters(synthetic).map((cluster) => serveSyntheticCluster(cluster, clock)) : []),
    ...emptyClusters.map((name) => serveEmptyCluster(name, clock, terminationMs)),
  ];
}

function clockOf(estate: Estate | undefined): () => Date {
  const started = new Date();
  if (!estate || started.toISOString().startsWith(estate.calendar.today)) return () => new Date();
  const noon = Date.parse(`${estate.calendar.today}T12:00:00Z`);
  return () => new Date(noon + Date.now() - started.getTime());
}

function sumsOf(maps: readonly Map<string, number>[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const map of maps) for (const [key, count] of map) sums[key] = (sums[key] ?? 0) + count;
  return sums;
}

type Surroundings = {
  clusters: Map<string, ServedCluster>;
  clock: () => Date;
  log(call: KubernetesCall): void;
  take(call: FaultedCall): PlannedFault;
  bookmarkMs: number;
};

async function answer(request: IncomingMessage, response: ServerResponse, around: Surroundings): Promise<void> {
  const url = new URL(request.url ?? "/", "http://localhost");
  const [, name = "", rest = "/"] = /^\/clusters\/([^/]+)(\/.*)?$/.exec(url.pathname) ?? [];
  const cluster = around.clusters.get(name);
  const call: KubernetesCall = {
    cluster: name,
    verb: "unknown",
    resource: rest,
    namespace: null,
    user: null,
    query: url.search.slice(1),
    status: 0,
  };
  // Logged before the last byte leaves, so that a client that has its answer finds its call among the calls.
  const send = (given: Answer, fault: PlannedFault | null, type = "application/json") => {
    call.status = given.code;
    around.log(call);
    sendAnswer(response, given, fault, type);
  };
  try {
    const body = await readText(request);
    if (!cluster) throw new UnknownPath();
    const given = await answerCall({ cluster, rest, url, body, request, response, around, call });
    if (given) send(given.answer, given.fault);
  } catch (error) {
    if (response.headersSent) return void response.destroy();
    if (error instanceof UnknownPath) {
      response.setHeader("x-content-type-options", "nosniff");
      return send({ code: 404, body: "404 page not found\n" }, null, "text/plain; charset=utf-8");
    }
    if (error instanceof StatusError) {
      const after = error.details?.retryAfterSeconds;
      if (after !== undefined) response.setHeader("retry-after", String(after));
      if (error.reason === "Forbidden") response.setHeader("x-content-type-options", "nosniff");
      return send({ code: error.code, body: JSON.stringify(error.body()) }, null);
    }
    send(
      {
        code: 500,
        body: JSON.stringify({
          kind: "Status",
          apiVersion: "v1",
          metadata: {},
          status: "Failure",
          message: String(error),
          reason: "InternalError",
          code: 500,
        }),
      },
      null,
    );
  }
}

type CallContext = {
  cluster: ServedCluster;
  rest: string;
  url: URL;
  body: string;
  request: IncomingMessage;
  response: ServerResponse;
  around: Surroundings;
  call: KubernetesCall;
};

/** Null where the answer has left already, or never will. */
async function answerCall(context: CallContext): Promise<{ answer: Answer; fault: PlannedFault } | null> {
  const { cluster, rest, url, body, request, response, around, call } = context;
  response.setHeader("audit-id", randomUUID());
  response.setHeader("cache-control", "no-cache, private");
  const isPrometheus = rest.startsWith("/prometheus/");
  const asked: Asked = isPrometheus ? { what: "health" } : readPath(request.method ?? "GET", rest, url.searchParams);
  if (asked.what === "resource")
    Object.assign(call, { verb: asked.verb, resource: resourceOf(asked), namespace: asked.namespace ?? null });
  else call.verb = isPrometheus ? "prometheus" : "discovery";
  const hasContinue = url.searchParams.has("continue");
  const fault = around.take({ cluster: cluster.name, resource: call.resource, verb: call.verb, hasContinue });
  if (fault.latencyMs > 0) await new Promise((resolve) => setTimeout(resolve, fault.latencyMs));
  if (fault.isDown) {
    around.log(call);
    response.socket?.destroy();
    return null;
  }
  cutLater(response, fault);
  if (isPrometheus) {
    if (!cluster.prometheus) throw new UnknownPath();
    const parameters = request.method === "POST" ? new URLSearchParams(body) : url.searchParams;
    return { answer: cluster.prometheus.answer(rest.slice("/prometheus".length), parameters), fault };
  }
  const identity = identityIn(cluster, request);
  call.user = identity.user;
  if (fault.retryAfterSeconds !== null)
    throw new StatusError("TooManyRequests", "Too many requests, please try again later.", {
      retryAfterSeconds: fault.retryAfterSeconds,
    });
  response.setHeader("x-kubernetes-pf-flowschema-uid", FLOW_SCHEMA);
  response.setHeader("x-kubernetes-pf-prioritylevel-uid", PRIORITY_LEVEL);
  if (asked.what === "health") return { answer: { code: 200, body: '"ok"' }, fault };
  if (asked.what === "discovery") return { answer: discover(context, asked.path), fault };
  const { clock, bookmarkMs } = around;
  const isWatch = asked.verb === "watch";
  const query = url.searchParams;
  const given = answerResource({ cluster, identity, asked, query, body, request, response, fault, clock, bookmarkMs });
  if (given) return { answer: given, fault };
  call.status = isWatch ? 200 : 0;
  around.log(call);
  return null;
}

function identityIn(cluster: ServedCluster, request: IncomingMessage): Identity {
  const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1];
  const identity = token === undefined ? undefined : cluster.identities.get(token);
  if (!identity) throw new StatusError("Unauthorized", "Unauthorized");
  const impersonated = request.headers["impersonate-user"];
  if (impersonated === undefined) return identity;
  return impersonate(cluster, identity, String(impersonated));
}

/** Whoever administers the cluster may act as anybody; somebody whom nothing is known of may do nothing. */
function impersonate({ name, identities }: ServedCluster, identity: Identity, user: string): Identity {
  if (identity !== identities.get(tokenOf(name, "admin")))
    throw new StatusError(
      "Forbidden",
      `users ${JSON.stringify(user)} is forbidden: User ${JSON.stringify(identity.user)} cannot impersonate resource "users" in API group "" at the cluster scope`,
    );
  const nobody = identities.get(tokenOf(name, "nobody")) ?? identity;
  return [...identities.values()].find((one) => one.user === user) ?? { ...nobody, user };
}

function discover({ cluster, request }: CallContext, path: string): Answer {
  if (request.method !== "GET") throw methodNotAllowed();
  const { discovery } = cluster;
  const [first, group, version] = path.split("/");
  const found =
    first === "version"
      ? discovery.version()
      : path === "api"
        ? discovery.versions(request.headers.host ?? "")
        : path === "apis"
          ? discovery.groups()
          : first === "api"
            ? discovery.resources(group ?? "")
            : version === undefined
              ? discovery.group(group ?? "")
              : discovery.resources(`${group}/${version}`);
  if (found === null) throw new UnknownPath();
  return { code: 200, body: JSON.stringify(found) };
}

function cutLater(response: ServerResponse, { cutAfterMs }: PlannedFault): void {
  if (cutAfterMs === null) return;
  const timer = setTimeout(() => response.socket?.destroy(), cutAfterMs);
  response.once("close", () => clearTimeout(timer));
}

function sendAnswer(
  response: ServerResponse,
  { code, body, warnings = [] }: Answer,
  fault: PlannedFault | null,
  type: string,
): void {
  for (const warning of warnings) response.appendHeader("warning", `299 - "${warning.replaceAll('"', '\\"')}"`);
  const bytes = Buffer.from(body);
  response.setHeader("content-type", type);
  response.setHeader("content-length", bytes.length);
  response.writeHead(code);
  const cut = fault?.cutAfterBytes ?? null;
  if (cut === null || cut >= bytes.length) return void response.end(bytes);
  // Unlike destroy(), this lets the bytes that were written leave first.
  response.write(bytes.subarray(0, cut), () => response.socket?.destroySoon());
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LARGEST_BODY_BYTES) throw new StatusError("BadRequest", "Request entity too large: limit is 3145728");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
