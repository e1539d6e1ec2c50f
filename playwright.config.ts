import { defineConfig, devices } from "@playwright/test";

const browserPath = process.env.CHROMIUM_PATH ?? "/usr/bin/chromium";

// One test at a time: they share a machine with a database, a worker and a production server, and each file starts its own.
// A test that passes only when it is tried again has failed, so nothing is retried.
export default defineConfig({
  testDir: "test/e2e",
  outputDir: "test-results",
  fullyParallel: false,
  workers: 1,
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
    launchOptions: { executablePath: browserPath },
    screenshot: "only-on-failure",
    trace: "retain-on-failure",
  },
  projects: [{ name: "chromium" }],
});
