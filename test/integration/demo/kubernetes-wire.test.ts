import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type KubernetesServer, startKubernetes } from "#demo/kubernetes/server.ts";
import { createEstate } from "#demo/estate/estate.ts";
import type { Day } from "#lib/domain/period.ts";
import { demoWire, realWire, type WireRequest, type WireServer } from "./wire-server.ts";

const RECORDED = resolve(import.meta.dirname, "../../../../shared/data");
const KUBERNETES = join(RECORDED, "kubernetes-wire");
const PROMETHEUS = join(RECORDED, "prometheus-wire");
const isThere = existsSync(KUBERNETES) && existsSync(PROMETHEUS);
if (!isThere)
  console.warn("The recorded answers of real servers are not beside this checkout: nothing to compare with.");

const CLUSTER = "recorded";
/** The recorded namespaces that a selector finds, and the page's size is three of them. */
const LABELLED = 8;
/** A recorded watch lasts seven seconds, of which nothing is learnt. */
const WATCH_SECONDS = 4;
const DENIED = new Set(["11-forbidden.http"]);
const AS_READER = new Set([
  "12-forbidden-kind.http",
  "28-self-subject-access-review.http",
  "29-self-subject-rules-review.http",
]);

type Recording = {
  name: string;
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string | undefined;
  status: number;
  contentType: string;
  answer: string;
};

function recordingsIn(folder: string): Recording[] {
  return readdirSync(folder)
    .toSorted()
    .map((name) => {
      const [asked = "", head = "", ...rest] = readFileSync(join(folder, name), "utf8")
        .replaceAll("\r\n", "\n")
        .split("\n\n");
      const lines = asked.split("\n").map((line) => line.replace(/^> ?/, ""));
      const blank = lines.indexOf("");
      const [method = "", path = ""] = (lines[0] ?? "").split(" ");
      const headers = lines.slice(1, blank < 0 ? undefined : blank).map((line) => line.split(": ") as [string, string]);
      return {
        name,
        method,
        path,
        headers: Object.fromEntries(headers),
        body: blank < 0 ? undefined : lines.slice(blank + 1).join("\n"),
        status: Number(/^HTTP\/\S+ (\d+)/.exec(head)?.[1]),
        contentType: /content-type: (.+)/i.exec(head)?.[1]?.trim() ?? "",
        answer: rest.join("\n\n"),
      };
    });
}

/** Which keys hold which types. Maps of free keys count as one; elements of a list are looked at together. */
function shapeOf(value: unknown, path = "$", shape = new Set<string>()): Set<string> {
  if (Array.isArray(value)) {
    shape.add(`${path}: list`);
    for (const entry of value) shapeOf(entry, `${path}[]`, shape);
  } else if (typeof value === "object" && value !== null) {
    shape.add(`${path}: map`);
    if (/\.(labels|annotations|fieldsV1|hard|requests|matchLabels|metric)$/.test(path)) return shape;
    for (const [key, entry] of Object.entries(value)) shapeOf(entry, `${path}.${key}`, shape);
  } else shape.add(`${path}: ${value === null ? "null" : typeof value}`);
  return shape;
}

function linesOf(text: string): unknown[] {
  return text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => JSON.parse(line));
}

/** Without it the demo's own server is asked. */
const KUBECONFIG = process.env["KUBECONFIG"];
/** What nobody can bring about on a real server from outside: that it forgets old revisions. */
const ONLY_OF_THE_DEMO = new Set(["36-list-continue-expired.http"]);
/** What a server has depends on its version and on what is installed in it. */
const OF_THE_INSTALLATION = new Set([
  "02-api-core.http",
  "03-apis.http",
  "28-self-subject-access-review.http",
  "34-pods.http",
]);

let server: KubernetesServer | null = null;
let wire: WireServer;
/** What the recording's server named otherwise than ours: tokens and uids, by what they were. */
let ours: Map<string, string>;

const send = (path: string, options: WireRequest = {}) => wire.send(path, options);

function post(path: string, body: unknown) {
  return send(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
}

beforeAll(async () => {
  if (KUBECONFIG !== undefined) wire = realWire(KUBECONFIG);
  else await startDemo();
  ours = new Map();
  for (let number = 1; number <= LABELLED; number += 1) {
    const metadata = { name: `${wire.prefix}-${number}`, labels: { rec: labelValue(), team: `t${number}` } };
    await post("/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata });
  }
}, 60_000);
afterAll(async () => {
  await wire.close();
  await server?.close();
}, 60_000);

async function startDemo(): Promise<void> {
  const estate = createEstate({ seed: "wire", today: "2026-11-21" as Day, months: 4, scale: 0.02 });
  server = await startKubernetes({
    estate,
    emptyClusters: [CLUSTER],
    clock: () => new Date(),
    terminationMs: 150,
    bookmarkMs: 400,
  });
  wire = demoWire(server, CLUSTER);
}

/** Of the namespaces that a replay selects: those of this run alone. */
function labelValue(): string {
  return wire.isReal ? wire.prefix : "yes";
}

/** Replaces what only the recorded server could know. */
function translated(text: string): string {
  let result = text
    .replaceAll(/\brec-(?=[a-z0-9])/g, `${wire.prefix}-`)
    .replaceAll("rec%3Dyes", `rec%3D${labelValue()}`);
  for (const [theirs, own] of ours) result = result.replaceAll(theirs, own);
  return result;
}

function remember(recorded: string, own: string): void {
  const token = (text: string) => /"continue": ?"([^"]+)"/.exec(text)?.[1];
  const uid = (text: string) => /"uid": ?"([^"]+)"/.exec(text)?.[1];
  for (const find of [token, uid]) {
    const [left, right] = [find(recorded), find(own)];
    if (left !== undefined && right !== undefined) ours.set(left, right);
  }
}

async function replay(recording: Recording): Promise<{ status: number; contentType: string; text: string }> {
  const { name, method, headers } = recording;
  const role = name.startsWith("10-") ? null : DENIED.has(name) ? "nobody" : AS_READER.has(name) ? "reader" : "admin";
  let path = translated(recording.path);
  if (name === "26-watch.http")
    path = `/api/v1/namespaces?watch=1&resourceVersion=${await revision()}&allowWatchBookmarks=true&timeoutSeconds=${WATCH_SECONDS}`;
  if (name === "36-list-continue-expired.http") {
    path = `/api/v1/namespaces?limit=3&labelSelector=rec%3D${labelValue()}&continue=${await firstToken()}`;
    server?.compact(CLUSTER);
  }
  const body = recording.body === undefined ? {} : { body: translated(recording.body) };
  const user = /User \\*"([^"\\]+)/.exec(recording.answer)?.[1];
  const answering = send(path, { role, method, headers, ...body, ...(user === undefined ? {} : { user }) });
  // The recorded watch saw a namespace come and go, before its answer ended.
  const answer = await (name === "26-watch.http" ? withChange(answering) : answering);
  remember(recording.answer, answer.text);
  return answer;
}

async function withChange<T>(watching: Promise<T>): Promise<T> {
  const name = `${wire.prefix}-watched`;
  // The recorded one also saw the end of an annotated namespace that was deleted before; whether ours still does is chance.
  const metadata = { name, annotations: { owner: "claims@example.com" } };
  await post("/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata });
  await send(`/api/v1/namespaces/${name}`, { method: "DELETE" });
  return watching;
}

async function revision(): Promise<string> {
  const { text } = await send("/api/v1/namespaces?limit=1");
  const { metadata } = JSON.parse(text) as { metadata: { resourceVersion: string } };
  return metadata.resourceVersion;
}

async function firstToken(): Promise<string> {
  const { text } = await send(`/api/v1/namespaces?limit=3&labelSelector=rec%3D${labelValue()}`);
  return (JSON.parse(text) as { metadata: { continue: string } }).metadata.continue;
}

/** A Status' reason or words, without the uids and revisions in them. */
function saidIn(answer: unknown, part: "reason" | "message"): string {
  const status = (Array.isArray(answer) ? (answer[0] as { object: unknown }).object : answer) as Record<
    string,
    unknown
  >;
  return String(status[part] ?? "")
    .replaceAll(`${wire.prefix}-`, "rec-")
    .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}|\d+/g, "#");
}

test.skipIf(!isThere)(
  "each recorded request of a real API server is answered with its status, words and shape",
  async () => {
    const differences: string[] = [];
    for (const recording of recordingsIn(KUBERNETES)) {
      const { name } = recording;
      if (wire.isReal && ONLY_OF_THE_DEMO.has(name)) continue;
      const answer = await replay(recording);
      const differ = (what: string) => differences.push(`${name}: ${what}`);
      if (answer.status !== recording.status) differ(`status ${answer.status}, recorded ${recording.status}`);
      if (answer.contentType !== recording.contentType)
        differ(`${answer.contentType}, recorded ${recording.contentType}`);
      if (!recording.contentType.startsWith("application/json")) {
        if (answer.text.trimEnd() !== recording.answer.trimEnd())
          differ(`"${answer.text}", recorded "${recording.answer}"`);
        continue;
      }
      const isWatch = recording.path.includes("watch=1");
      const theirs: unknown = isWatch ? linesOf(recording.answer) : JSON.parse(recording.answer);
      const own: unknown = isWatch ? linesOf(answer.text) : JSON.parse(answer.text);
      const expected = shapeOf(theirs);
      const actual = shapeOf(own);
      if (wire.isReal && OF_THE_INSTALLATION.has(name)) continue;
      for (const entry of expected) if (!actual.has(entry)) differ(`lacks ${entry}`);
      // A newer server tells more than was recorded, and ours must not.
      if (!wire.isReal) for (const entry of actual) if (!expected.has(entry)) differ(`has beyond it ${entry}`);
      for (const part of ["reason", "message"] as const) {
        const [expectedText, actualText] = [saidIn(theirs, part), saidIn(own, part)];
        if (expectedText !== actualText) differ(`${part} "${actualText}", recorded "${expectedText}"`);
      }
    }
    expect(differences).toEqual([]);
  },
);

test.skipIf(!isThere)(
  "each recorded query of a real Prometheus is answered with its status and shape",
  async (context) => {
    if (server === null) return context.skip("No Prometheus belongs to a kubeconfig.");
    const base = server.prometheusUrlOf("shared-eks-prod");
    for (const recording of recordingsIn(PROMETHEUS)) {
      const answer = await fetch(`${base}${recording.path}`);
      const own: unknown = await answer.json();
      const theirs: unknown = JSON.parse(recording.answer);
      const compared = (body: unknown) =>
        recording.status === 200 ? [...shapeOf(body)].toSorted((left, right) => (left < right ? -1 : 1)) : body;
      expect([recording.name, answer.status, compared(own)]).toEqual([
        recording.name,
        recording.status,
        compared(theirs),
      ]);
    }
  },
);
