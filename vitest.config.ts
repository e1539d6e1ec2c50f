import { defineConfig } from "vitest/config";

// Unit tests are pure and run side by side. Integration tests start databases and worker processes, so one file
// at a time has the machine to itself and gets time enough for a cold start.
export default defineConfig({
  test: {
    projects: [
      { extends: true, test: { name: "unit", include: ["test/unit/**/*.test.ts"] } },
      {
        extends: true,
        test: {
          name: "integration",
          include: ["test/integration/**/*.test.ts"],
          globalSetup: ["test/integration/db/global-setup.ts"],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: { name: "tooling", include: ["test/tooling/**/*.test.ts"], testTimeout: 120_000 },
      },
    ],
  },
});
