import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { quantile } from "#test/bench/measure.ts";

/** What the senders saw. Durations are of requests that were answered 200. */
export type SendersResult = {
  sent: number;
  requests: number;
  refused: number;
  unanswered: number;
  p95Ms: number;
  behindSeconds: number;
};

const SENDERS = 4;
/** As API servers have it by default. */
const BATCH_EVENTS = 400;
const EVERY_MS = 100;
/** API servers wait for no answer before they send the next batch; what they have under way is bounded here by this. */
const BATCHES_UNDER_WAY = 4;
const RETRY_MS = 200;
const DRAIN_LIMIT_MS = 60_000;

const [, , url = "", token = "", seconds = "", eventsPerSecond = ""] = process.argv;
const counts = { sent: 0, requests: 0, refused: 0, unanswered: 0 };
const durations: number[] = [];
const start = performance.now();
const endsAt = start + Number(seconds) * 1_000;
await Promise.all(Array.from({ length: SENDERS }, (_, sender) => send(sender)));
const behindSeconds = Math.max(0, performance.now() - endsAt) / 1_000;
console.log(JSON.stringify({ ...counts, p95Ms: quantile(durations, 0.95), behindSeconds } satisfies SendersResult));

/** One API server: events come at an even pace, wait in its buffer, and leave it once they were answered 200. */
async function send(sender: number): Promise<void> {
  const perMs = Number(eventsPerSecond) / SENDERS / 1_000;
  const whole = Math.round(perMs * Number(seconds) * 1_000);
  let taken = 0;
  const underWay = new Set<Promise<void>>();
  while (taken < whole) {
    const due = Math.min(whole, Math.floor((Math.min(performance.now(), endsAt) - start) * perMs));
    const batch = Array.from({ length: Math.min(BATCH_EVENTS, due - taken) }, () => eventOf(sender));
    if (batch.length > 0) {
      taken += batch.length;
      const body = JSON.stringify({ kind: "EventList", apiVersion: "audit.k8s.io/v1", metadata: {}, items: batch });
      const posted = post(body).then(() => {
        counts.sent += batch.length;
        underWay.delete(posted);
      });
      underWay.add(posted);
    }
    if (underWay.size >= BATCHES_UNDER_WAY) await Promise.race(underWay);
    else if (batch.length < BATCH_EVENTS) await sleep(EVERY_MS);
  }
  await Promise.all(underWay);
}

/** Tries until it is answered 200, as the webhook backend does with its backoff. */
async function post(body: string): Promise<void> {
  while (performance.now() < endsAt + DRAIN_LIMIT_MS) {
    const began = performance.now();
    counts.requests += 1;
    const status = await fetch(url, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body,
      signal: AbortSignal.timeout(30_000),
    }).then(
      async (response) => {
        await response.arrayBuffer();
        return response.status;
      },
      () => 0,
    );
    if (status === 200) return void durations.push(performance.now() - began);
    if (status === 0) counts.unanswered += 1;
    else if (status === 429) counts.refused += 1;
    // While it starts it may answer that it cannot yet.
    else if (status < 500) throw new Error(`The endpoint answered ${status}.`);
    await sleep(RETRY_MS);
  }
  throw new Error("The events were not taken within a minute after the last.");
}

function eventOf(sender: number): object {
  const at = new Date().toISOString().replace("Z", "456Z");
  const name = `claims-api-${Math.floor(Math.random() * 1_000)}`;
  return {
    level: "Metadata",
    auditID: randomUUID(),
    stage: "ResponseComplete",
    requestURI: `/api/v1/namespaces/claims-${sender}/pods/${name}?timeout=34s`,
    verb: "patch",
    user: {
      username: "system:serviceaccount:kube-system:deployment-controller",
      uid: randomUUID(),
      groups: ["system:serviceaccounts", "system:serviceaccounts:kube-system", "system:authenticated"],
      extra: { "authentication.kubernetes.io/credential-id": [`JTI=${randomUUID()}`] },
    },
    sourceIPs: ["192.0.2.10"],
    userAgent: "kube-controller-manager/v1.33.4 (linux/amd64) kubernetes/system:serviceaccount:kube-system",
    objectRef: { resource: "pods", namespace: `claims-${sender}`, name, uid: randomUUID(), apiVersion: "v1" },
    responseStatus: { metadata: {}, code: 200 },
    requestReceivedTimestamp: at,
    stageTimestamp: at,
    annotations: {
      "authorization.k8s.io/decision": "allow",
      "authorization.k8s.io/reason": 'RBAC: allowed by ClusterRoleBinding "system:controller:deployment-controller"',
    },
  };
}
