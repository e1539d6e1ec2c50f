import { randomBytes } from "node:crypto";
import { request as requestPlain } from "node:http";
import { request as requestSecure, type RequestOptions } from "node:https";
import { KubeConfig } from "@kubernetes/client-node";
import type { RoleName } from "#demo/kubernetes/access.ts";
import type { KubernetesServer } from "#demo/kubernetes/server.ts";

export type WireAnswer = { status: number; contentType: string; text: string };
export type WireRequest = {
  /** Null = nobody. The recorded name of the user that stands for the role, where only the server's own administrator may lend it. */
  role?: RoleName | null;
  user?: string;
  method?: string;
  headers?: Record<string, string>;
  body?: string;
};

/** An API server that recorded requests are replayed against: the demo's, or a real one. */
export type WireServer = {
  isReal: boolean;
  send(path: string, asked?: WireRequest): Promise<WireAnswer>;
  /** What the recordings call "rec" there: everything that a replay makes has names that begin so. */
  prefix: string;
  close(): Promise<void>;
};

/** A namespace takes a while to end; how long a test waits for its own to be accepted for deletion. */
const REQUEST_TIMEOUT_MS = 30_000;

export function demoWire(server: KubernetesServer, cluster: string): WireServer {
  return {
    isReal: false,
    prefix: "rec",
    send: async (path, { role = "admin", method = "GET", headers = {}, body } = {}) => {
      const bearer: Record<string, string> =
        role === null ? {} : { authorization: `Bearer ${server.tokenOf(cluster, role)}` };
      const answer = await fetch(`${server.url}/clusters/${cluster}${path}`, {
        method,
        headers: { "user-agent": "curl/8", ...headers, ...bearer },
        ...(body === undefined ? {} : { body }),
      });
      return {
        status: answer.status,
        contentType: answer.headers.get("content-type") ?? "",
        text: await answer.text(),
      };
    },
    close: async () => {},
  };
}

/**
 * The API server of a kubeconfig's current context. Everything is made in namespaces whose names begin with a word of this run alone, and
 * only those are deleted at the end. Users who may do less are impersonated, which its administrator may.
 */
export function realWire(kubeconfig: string): WireServer {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const address = config.getCurrentCluster()?.server;
  if (address === undefined) throw new Error(`${kubeconfig} has no current cluster.`);
  const prefix = `bursar-wire-${randomBytes(4).toString("hex")}`;

  const send: WireServer["send"] = async (path, { role = "admin", user, method = "GET", headers = {}, body } = {}) => {
    const options: RequestOptions = {};
    await config.applyToHTTPSOptions(options);
    const own = role === null ? { authorization: "Bearer of-nobody" } : Object(options.headers);
    const url = new URL(`${address.replace(/\/+$/, "")}${path}`);
    const sent: RequestOptions = {
      ...options,
      // Without its certificate the administrator is nobody.
      ...(role === null ? { cert: undefined, key: undefined, pfx: undefined, agent: undefined } : {}),
      method,
      timeout: REQUEST_TIMEOUT_MS,
      headers: {
        ...own,
        ...headers,
        ...(role === "admin" || role === null ? {} : { "impersonate-user": user ?? "bursar-wire-nobody" }),
        ...(body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) }),
      },
    };
    return new Promise((resolve, reject) => {
      const request = (url.protocol === "https:" ? requestSecure : requestPlain)(url, sent, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.once("error", reject);
        response.once("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            contentType: response.headers["content-type"] ?? "",
            text: Buffer.concat(chunks).toString("utf8"),
          }),
        );
      });
      request.once("error", reject);
      request.end(body);
    });
  };

  return {
    isReal: true,
    prefix,
    send,
    close: async () => {
      const { text } = await send("/api/v1/namespaces");
      const { items } = JSON.parse(text) as { items: { metadata: { name: string } }[] };
      for (const { metadata } of items)
        if (metadata.name.startsWith(`${prefix}-`))
          await send(`/api/v1/namespaces/${metadata.name}`, { method: "DELETE" });
    },
  };
}
