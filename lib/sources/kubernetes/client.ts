import { HttpMethod, IsomorphicFetchHttpLibrary, RequestContext } from "@kubernetes/client-node";
import { setTimeout as pause } from "node:timers/promises";
import { AppError } from "#lib/errors.ts";
import type { RequestGate } from "#lib/sources/aws/request-gate.ts";
import { classifyAnswer, classifyFailure, isWorthRepeating } from "#lib/sources/kubernetes/classify-error.ts";
import { openAccess, type OpenedAccess } from "#lib/sources/kubernetes/cluster-access.ts";
import type { ClusterAccess } from "#lib/sources/kubernetes/spec.ts";

/** Tries of one request, the first included. */
const MAX_ATTEMPTS = 5;
const FIRST_PAUSE_MS = 100;
/** A server that asks for more patience than this is asked again by the next run. */
const LONGEST_PAUSE_MS = 30_000;
const REQUEST_TIMEOUT_MS = 60_000;
const USER_AGENT = "bursar";
/** Leaves out everything but the metadata of each object. */
const METADATA_ONLY = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";

/** What a request needs to be allowed, for the message that names it. */
export type NeededAccess = { kind: string; why: string; rbacLine: string | null };

export type AskOptions = { query?: Readonly<Record<string, string>>; metadataOnly?: boolean; body?: unknown };

/** One cluster's API server. */
export type KubernetesClient = {
  key: string;
  /**
   * The answer of a GET, or of a POST where there is a body, as JSON.
   *
   * @throws AppError "denied", "throttled", "unavailable", "invalid_config", "not_found" or "bad_data"; ExpiredPage for a 410.
   */
  ask(path: string, needed: NeededAccess, options?: AskOptions): Promise<unknown>;
  close(): Promise<void>;
};

/**
 * The client of one cluster. Configuration, sign-in and TLS are those of the official client; its generated classes are not used,
 * because turning a page of pods into their objects takes longer than the request.
 */
export async function openKubernetes(
  access: ClusterAccess,
  gate: RequestGate,
  signal: AbortSignal,
): Promise<KubernetesClient> {
  const opened = await openAccess(access, gate, signal);
  const http = new IsomorphicFetchHttpLibrary();
  // The official client makes a new agent for every request; with one for all, connections are kept.
  let dispatcher: ReturnType<RequestContext["getDispatcher"]>;

  async function send(path: string, { query = {}, metadataOnly = false, body }: AskOptions): Promise<Answer> {
    const search = new URLSearchParams(query).toString();
    const method = body === undefined ? HttpMethod.GET : HttpMethod.POST;
    const context = new RequestContext(`${opened.server}${path}${search === "" ? "" : `?${search}`}`, method);
    await signIn(opened, context, access.key);
    dispatcher ??= context.getDispatcher();
    if (dispatcher !== undefined) context.setDispatcher(dispatcher);
    context.setHeaderParam("User-Agent", USER_AGENT);
    context.setHeaderParam("Accept", metadataOnly ? `${METADATA_ONLY},application/json` : "application/json");
    if (body !== undefined) {
      context.setHeaderParam("Content-Type", "application/json");
      context.setBody(JSON.stringify(body));
    }
    return withinTime(signal, async (limited) => {
      context.setSignal(limited);
      const response = await http.send(context).toPromise();
      const text = await response.body.text();
      return { status: response.httpStatusCode, retryAfter: response.headers["retry-after"] ?? null, text };
    });
  }

  async function ask(path: string, needed: NeededAccess, options: AskOptions = {}): Promise<unknown> {
    for (let attempt = 1; ; attempt += 1) {
      signal.throwIfAborted();
      const outcome = await send(path, options).catch((thrown: unknown) => ({ thrown }));
      signal.throwIfAborted();
      // What is said in our own words is no accident of the network.
      if ("thrown" in outcome && outcome.thrown instanceof AppError) throw outcome.thrown;
      if ("text" in outcome && outcome.status < 300) return readJson(outcome.text, access.key);
      if (attempt < MAX_ATTEMPTS && ("thrown" in outcome || isWorthRepeating(outcome.status))) {
        await pause(pauseMsOf("thrown" in outcome ? null : outcome.retryAfter, attempt), undefined, { signal });
        continue;
      }
      throw "thrown" in outcome
        ? classifyFailure(outcome.thrown, access.key)
        : classifyAnswer(outcome, access.key, needed);
    }
  }

  return {
    key: access.key,
    ask,
    close: async () => {
      opened.close();
      // Whatever is still under way belongs to a list that has failed.
      await dispatcher?.destroy();
    },
  };
}

type Answer = { status: number; retryAfter: string | null; text: string };

/** Headers and certificates of the configuration, which may run a program of the cloud's for them. */
async function signIn(opened: OpenedAccess, context: RequestContext, cluster: string): Promise<void> {
  try {
    await opened.config.applySecurityAuthentication(context);
  } catch (thrown) {
    throw new AppError("invalid_config", `The kubeconfig of the cluster ${cluster} leads to no credentials.`, {
      remedy:
        "Check that the program of its exec section is installed here, and that its certificates are files that can be read.",
      cause: thrown,
    });
  }
  if (opened.bearer !== null) context.setHeaderParam("Authorization", `Bearer ${await opened.bearer()}`);
}

/** With a timer that ends with the request: one of AbortSignal.timeout keeps what belongs to the request for as long as it runs. */
async function withinTime<Result>(
  signal: AbortSignal,
  work: (limited: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const controller = new AbortController();
  const cancel = () => controller.abort(signal.reason);
  const timer = setTimeout(
    () => controller.abort(new DOMException("No answer in time.", "TimeoutError")),
    REQUEST_TIMEOUT_MS,
  );
  signal.addEventListener("abort", cancel, { once: true });
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", cancel);
  }
}

function readJson(text: string, cluster: string): unknown {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    throw new AppError("bad_data", `The cluster ${cluster} answered with something that is not JSON.`, {
      remedy: "Check that the address leads to an API server and not to a sign-in page.",
      cause: thrown,
    });
  }
}

function pauseMsOf(retryAfter: string | null, attempt: number): number {
  const seconds = Number(retryAfter ?? "");
  const asked = retryAfter !== null && seconds > 0 ? seconds * 1000 : FIRST_PAUSE_MS * 2 ** (attempt - 1);
  return Math.min(asked, LONGEST_PAUSE_MS);
}
