import { defineConfig } from "vitest/config";

// Unit tests are pure and run side by side. Integration tests start databases and worker processes and wait for them much of
// the time: two files at once keep two processors busy, and each gets time enough for a cold start.
export default defineConfig({
  test: {
    projects: [
      {
        extends: true,
        test: { name: "unit", include: ["test/unit/**/*.test.ts"], testTimeout: 60_000, hookTimeout: 60_000 },
      },
      {
        extends: true,
        test: {
          name: "integration",
          include: ["test/integration/**/*.test.ts"],
          globalSetup: ["test/integration/db/global-setup.ts"],
          maxWorkers: 2,
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
      {
        extends: true,
        test: { name: "tooling", include: ["test/tooling/**/*.test.ts"], testTimeout: 120_000 },
      },
    ],
  },
});
