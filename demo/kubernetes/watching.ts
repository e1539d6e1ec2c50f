import type { ServerResponse } from "node:http";
import { type Kind, groupVersionOf } from "#demo/kubernetes/kinds.ts";
import { selectorOf } from "#demo/kubernetes/listing.ts";
import type { KubernetesObject } from "#demo/kubernetes/object.ts";
import type { Parameters } from "#demo/kubernetes/parameters.ts";
import { invalid, StatusError } from "#demo/kubernetes/status.ts";
import type { Change, Store } from "#demo/kubernetes/store.ts";

const DEFAULT_SECONDS = 1_800;
/** An API server's last bookmark comes shortly before the end, so that the next watch starts where this one stopped. */
const LAST_BOOKMARK_MS = 200;

export type WatchTiming = { bookmarkMs: number };

/** Answers a watch: one JSON object a line until its time is over or the client has gone. */
export function serveWatch(
  response: ServerResponse,
  store: Store,
  watched: { kind: Kind; namespace: string | undefined; parameters: Parameters },
  timing: WatchTiming,
  render: (object: KubernetesObject) => unknown,
): void {
  const { kind, namespace, parameters } = watched;
  const matches = selectorOf(kind, parameters);
  if (parameters.has("sendInitialEvents"))
    throw invalid({ kind: "ListOptions", group: "meta.k8s.io" }, "", [
      {
        reason: "FieldValueInvalid",
        field: "sendInitialEvents",
        message: "Forbidden: sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled",
      },
    ]);
  const since = parameters.text("resourceVersion");
  const isInside = (object: KubernetesObject) => namespace === undefined || object.metadata.namespace === namespace;
  const line = (type: string, object: unknown) => void response.write(`${JSON.stringify({ type, object })}\n`);
  response.setHeader("content-type", "application/json");
  response.writeHead(200);
  response.flushHeaders();

  const send = ({ object, previous, type }: Change) => {
    const is = type !== "DELETED" && isInside(object) && matches(object);
    const was = previous !== null && isInside(previous) && matches(previous);
    if (is) line(was ? "MODIFIED" : "ADDED", render(object));
    else if (was) line("DELETED", render(object));
  };
  if (since === "" || since === "0") {
    for (const object of store.list(kind)) if (isInside(object) && matches(object)) line("ADDED", render(object));
  } else {
    const missed = store.changesSince(kind, Number(since));
    if (missed === null) {
      line("ERROR", new StatusError("Expired", `too old resource version: ${since} (${store.revision()})`).body());
      return void response.end();
    }
    for (const change of missed) send(change);
  }
  follow(response, store, kind, parameters, timing, send, line);
}

function follow(
  response: ServerResponse,
  store: Store,
  kind: Kind,
  parameters: Parameters,
  timing: WatchTiming,
  send: (change: Change) => void,
  line: (type: string, object: unknown) => void,
): void {
  const durationMs = (parameters.whole("timeoutSeconds") ?? DEFAULT_SECONDS) * 1000;
  const bookmark = () => {
    if (parameters.flag("allowWatchBookmarks"))
      line("BOOKMARK", {
        kind: kind.kind,
        apiVersion: groupVersionOf(kind),
        metadata: { resourceVersion: String(store.revision()), creationTimestamp: null },
        spec: {},
        status: {},
      });
  };
  const unsubscribe = store.subscribe(kind, send);
  const timers = [
    setTimeout(bookmark, Math.max(0, durationMs - LAST_BOOKMARK_MS)),
    setTimeout(() => response.end(), durationMs),
    setInterval(bookmark, timing.bookmarkMs),
  ];
  response.once("close", () => {
    unsubscribe();
    for (const timer of timers) clearTimeout(timer);
  });
}
