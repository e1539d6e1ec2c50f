import { createServer } from "node:http";
import { join } from "node:path";
import { startInstance, type Instance } from "#test/e2e/bursar-instance.ts";

/** Where the workers ask for the demo. */
export const KEEPER_VARIABLE = "BURSAR_E2E_KEEPER";

/** Set where all tests run: the demo is then started before one asks for it. */
const AHEAD_VARIABLE = "BURSAR_E2E_AHEAD";

export type DemoPlace = { url: string; home: string };

/** Everything that is planted is there at any size; what people are shown takes three times as long to load. */
const ESTATE = ["--months", "6", "--scale", "0.3"];
/** The build of the pages, the estate and its months, beside the other lane of tests; as long as the demo itself waits for its estate. */
const DEMO_READY_LIMIT_MS = 900_000;

/**
 * Keeps one demo for all tests in Playwright's main process: a worker that a failed test has ended takes nothing down, and a run that asks
 * for no demo starts none. BURSAR_E2E_DEMO_URL and BURSAR_E2E_DEMO_HOME name one that runs already, for work on the tests.
 */
export default async function keepDemo(): Promise<() => Promise<void>> {
  let started: Promise<Instance> | null = null;
  const place = async (): Promise<DemoPlace> => {
    const { BURSAR_E2E_DEMO_URL: url, BURSAR_E2E_DEMO_HOME: home } = process.env;
    if (url !== undefined && home !== undefined) return { url, home };
    started ??= startInstance({
      command: ["demo", ...ESTATE],
      readyText: "Ctrl-C stops",
      readyLimitMs: DEMO_READY_LIMIT_MS,
    });
    const demo = await started;
    return { url: demo.url, home: join(demo.folder, "home") };
  };
  // What it fails with is told to whoever asks for it.
  if (process.env[AHEAD_VARIABLE] === "yes") void place().catch(() => undefined);
  const keeper = createServer((_request, response) => {
    // Who asks gives up after five minutes without a word: "not yet" is one.
    const notYet = new Promise<null>((resolve) => setTimeout(resolve, 30_000, null));
    Promise.race([place(), notYet]).then(
      (demo) => (demo === null ? response.writeHead(202).end() : response.end(JSON.stringify(demo))),
      (thrown: unknown) => response.writeHead(500).end(thrown instanceof Error ? thrown.message : String(thrown)),
    );
  });
  keeper.requestTimeout = 0;
  await new Promise<void>((resolve) => keeper.listen(0, "127.0.0.1", resolve));
  const address = keeper.address();
  process.env[KEEPER_VARIABLE] = `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`;
  return async () => {
    keeper.closeAllConnections();
    keeper.close();
    await (await started?.catch(() => null))?.stop();
  };
}
