import { startInstance, type Instance } from "#test/e2e/bursar-instance.ts";
import { test as quiet } from "#test/e2e/quiet-console.ts";

export { expect } from "@playwright/test";

/** The pages are built where they changed since. */
const READY_LIMIT_MS = 600_000;

/** A test against an instance of its file's own, with what `prepare` wrote into its folder before it started. */
export function testWithInstance(prepare?: (folder: string) => void | Promise<void>) {
  return quiet.extend<object, { instance: Instance }>({
    instance: [
      async ({ browserName: _anyBrowser }, use) => {
        const instance = await startInstance({
          command: ["start"],
          readyText: "Ctrl-C stops",
          readyLimitMs: READY_LIMIT_MS,
          ...(prepare === undefined ? {} : { prepare }),
        });
        await use(instance);
        await instance.stop();
      },
      { scope: "worker", timeout: READY_LIMIT_MS + 60_000 },
    ],
  });
}

/** The one-time link that the instance printed. */
export function signInLink(instance: Instance): string {
  return /http\S+\/sign-in\?token=\S+/.exec(instance.said())?.[0] ?? "";
}
