import { join, resolve } from "node:path";
import { startDemo, type Demo, type EstateSize } from "#cli/demo.ts";
import { build, NEXT_PROGRAM, ROOT } from "#cli/build.ts";
import { startChild, type Child } from "#cli/child.ts";
import { EXIT } from "#cli/exit-code.ts";
import { openInstance, type Instance } from "#cli/open-instance.ts";
import { requireFreePort } from "#cli/port.ts";
import { shownHome } from "#cli/shown-home.ts";
import { waitForPages } from "#cli/wait-for-pages.ts";
import { SYSTEM_ACTOR } from "#lib/access/actor.ts";
import { loadConfig } from "#lib/config.ts";
import { resolveHome } from "#lib/db/home.ts";
import { readEnvironment } from "#lib/env.ts";
import { AppError } from "#lib/errors.ts";
import { listSignInPeople } from "#lib/services/session/list-sign-in-people.ts";
import { offerLocalAdministrator } from "#lib/services/session/offer-local-administrator.ts";

const NPM_POLL_MS = 300;
const DEMO_HOME = join(".bursar", "demo");

/** `isDevelopment`: the pages are compiled as they are asked for, and again when they change. */
export type ServeMode = {
  isDemo: boolean;
  isDevelopment?: boolean;
  /** How large the demo's estate is. */
  estate?: EstateSize;
};

/**
 * Runs everything as one tree of processes until a signal or until a part fails: the database, the worker, the pages and,
 * in the demo, the estate's S3 server. Answers the exit code; every part has ended by then.
 */
export async function serve(mode: ServeMode): Promise<number> {
  const stopped = new AbortController();
  const listeners = (["SIGINT", "SIGTERM", "SIGHUP"] as const).map((signal) => {
    const listener = () => stopped.abort();
    process.on(signal, listener);
    return { signal, listener };
  });
  const watch = watchNpm(() => stopped.abort());
  const parts: Part[] = [];
  try {
    await run(mode, parts, stopped.signal);
    return EXIT.ok;
  } catch (thrown) {
    if (stopped.signal.aborted) return EXIT.ok;
    throw thrown;
  } finally {
    // The last that was started is the first to stop: pages, worker, S3, database.
    for (const part of parts.toReversed()) await part.stop();
    clearInterval(watch);
    for (const { signal, listener } of listeners) process.off(signal, listener);
  }
}

// npm passes SIGTERM on to the shell between us, and the shell ends without passing it on. Its end is our signal then.
function watchNpm(onEnd: () => void): NodeJS.Timeout | undefined {
  if (process.env["npm_lifecycle_event"] === undefined) return undefined;
  const parent = process.ppid;
  return setInterval(() => {
    if (process.ppid !== parent) onEnd();
  }, NPM_POLL_MS);
}

type Part = { name: string; stop(): Promise<void>; ended: Promise<unknown> | null };

async function run(
  { isDemo, isDevelopment = false, estate = {} }: ServeMode,
  parts: Part[],
  signal: AbortSignal,
): Promise<void> {
  const say = (text: string) => process.stderr.write(`${text}\n`);
  if (isDemo) prepareDemoEnvironment();
  const { BURSAR_HOST: host, PORT: port } = readEnvironment();
  await requireFreePort(host, port);
  process.env["BURSAR_HOME"] = resolveHome();
  if (!isDemo) loadConfig();

  say("Preparing the database, the pages and what they show …");
  const building = new AbortController();
  const stopBuilding = AbortSignal.any([signal, building.signal]);
  const built = isDevelopment ? Promise.resolve(false) : build(stopBuilding);
  const opened = openInstance().then((instance) => {
    parts.push({ name: "the database", stop: () => instance.close(), ended: instance.serverEnded });
    return instance;
  });
  const started = isDemo ? startDemo(parts, estate) : Promise.resolve(null);
  const environment = (databaseUrl: string) => environmentOf(databaseUrl, isDevelopment);
  const startPart = (child: Child) => parts.push({ name: child.name, stop: () => child.stop(), ended: child.ended });
  // The sources are read while the pages are still being built.
  const seeded = Promise.all([opened, started]).then(async ([{ database }, demo]) => {
    await demo?.seed(database);
    if (!stopBuilding.aborted) startPart(startWorker(environment(database.url)));
  });
  // Where one fails the others are still waited for: whatever they started has to be known before it can be stopped.
  for (const step of [opened, started, seeded]) step.catch(() => building.abort());
  await everyOne([opened, started, seeded, built]);
  const [instance, demo] = [await opened, await started];
  signal.throwIfAborted();

  // Before the pages are served: this also ends the demo's way of signing in.
  const token = isDemo
    ? null
    : await offerLocalAdministrator({ actor: SYSTEM_ACTOR, database: instance.database, now: new Date() });
  startPart(startPages(environment(instance.database.url), host, port, isDevelopment));
  const url = `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
  const aborted = new Promise<void>((done) => signal.addEventListener("abort", () => done(), { once: true }));
  const failed = failureOf(parts, signal);
  await Promise.race([announce(url, token, { instance, demo, say, signal }), failed, aborted]);
  await Promise.race([failed, aborted]);
}

// The demo keeps everything, its configuration included, in a home of its own.
function prepareDemoEnvironment(): void {
  process.env["BURSAR_HOME"] ||= DEMO_HOME;
  process.env["BURSAR_CONFIG"] = resolve(process.env["BURSAR_HOME"], "bursar.yaml");
  process.env["LOG_LEVEL"] ||= "warn";
}

function environmentOf(databaseUrl: string, isDevelopment: boolean): NodeJS.ProcessEnv {
  return {
    ...process.env,
    DATABASE_URL: databaseUrl,
    NODE_ENV: isDevelopment ? "development" : "production",
    NEXT_TELEMETRY_DISABLED: "1",
  };
}

const ENDS_WITH_US = ["--import", join(import.meta.dirname, "exit-with-parent.ts")];

function startWorker(env: NodeJS.ProcessEnv): Child {
  const program = join(import.meta.dirname, "worker-process.ts");
  return startChild("the worker", [program], { cwd: process.cwd(), env, execArgv: ENDS_WITH_US });
}

function startPages(env: NodeJS.ProcessEnv, host: string, port: number, isDevelopment: boolean): Child {
  const command = [NEXT_PROGRAM, isDevelopment ? "dev" : "start", ROOT, "--port", String(port), "--hostname", host];
  // The development server hands its flags on to a child of its own, which would then end before it has begun.
  return startChild("the web server", command, {
    cwd: process.cwd(),
    env,
    execArgv: isDevelopment ? [] : ENDS_WITH_US,
  });
}

type Announcement = { instance: Instance; demo: Demo | null; say: (text: string) => void; signal: AbortSignal };

async function announce(
  url: string,
  token: string | null,
  { instance, demo, say, signal }: Announcement,
): Promise<void> {
  await waitForPages(url, signal);
  if (token !== null) {
    say(`Bursar is ready at ${url}`);
    say(`Sign in once as the local administrator: ${url}/sign-in?token=${token}`);
  } else {
    await demo?.waitUntilLoaded(instance.database, signal);
    say(`Bursar's demo is ready at ${url}`);
    const people = await listSignInPeople({ database: instance.database, now: new Date() });
    say(
      `Sign in there as ${people.map((person) => `${person.name} (${person.role})`).join(", ") || "one of its people"}.`,
    );
    say(
      `Other commands see this instance with its home: BURSAR_HOME=${shownHome(resolveHome(), process.cwd())} npx bursar verify-trail`,
    );
  }
  say("Ctrl-C stops everything.");
}

async function everyOne(steps: Promise<unknown>[]): Promise<void> {
  const failed = (await Promise.allSettled(steps)).find((outcome) => outcome.status === "rejected");
  if (failed) throw failed.reason;
}

/** Rejects when a part ends by itself. */
function failureOf(parts: Part[], signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    for (const { name, ended } of parts) {
      void ended?.then((end) => {
        if (!signal.aborted)
          reject(new AppError("internal", `Bursar stops, because ${name} ended by itself${describe(end)}.`));
      });
    }
  });
}

function describe(end: unknown): string {
  if (typeof end !== "object" || end === null || !("code" in end) || !("signal" in end)) return "";
  return end.signal === null ? ` with code ${String(end.code)}` : ` by ${String(end.signal)}`;
}
