import { defineConfig, devices } from "@playwright/test";

const browserPath = process.env.CHROMIUM_PATH ?? "/usr/bin/chromium";

/** Tests with an instance of their own come first: until they are through, the demo that the others share has loaded. */
const OWN_INSTANCE = /(aws-only|failing-source|first-start|heads)\.spec\.ts$/;

/** Tests that change what costs are given to, by rules and owners, and those that add costs up: never two of them at once. */
const COSTS = /(access|accounts|export|rules|sources|spend|sprawl)\.spec\.ts$/;

// Two tests at once, and only of different projects: within one they come one after the other, and what one of them changes in the
// demo no other project looks at.
// A test that passes only when it is tried again has failed, so nothing is retried.
export default defineConfig({
  testDir: "test/e2e",
  outputDir: "test-results",
  globalSetup: "./test/e2e/demo-keeper.ts",
  fullyParallel: false,
  workers: 2,
  retries: 0,
  forbidOnly: true,
  timeout: 120_000,
  expect: { timeout: 15_000 },
  reporter: "list",
  use: {
    ...devices["Desktop Chrome"],
    viewport: { width: 1440, height: 900 },
    locale: "en-GB",
    timezoneId: "UTC",
    launchOptions: {
      executablePath: browserPath,
      // Chromium refuses its sandbox to root, and root is who runs CI. Nothing but the pages may use the network.
      chromiumSandbox: process.getuid?.() !== 0,
      args: [
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-default-apps",
        "--disable-domain-reliability",
        "--disable-sync",
        "--no-first-run",
        "--no-pings",
      ],
    },
    actionTimeout: 30_000,
    navigationTimeout: 60_000,
    screenshot: "only-on-failure",
    // A trace keeps the whole page at every step, and pages here are long: `--trace on` makes one where it is wanted.
    trace: "off",
  },
  projects: [
    { name: "own instance", testMatch: OWN_INSTANCE, workers: 1 },
    { name: "costs", testMatch: COSTS, workers: 1 },
    { name: "demo", testIgnore: [OWN_INSTANCE, COSTS], workers: 1 },
  ],
});
