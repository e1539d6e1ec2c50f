import { expect, test as base } from "@playwright/test";

type QuietConsole = {
  /** An error that the test means to see. */
  allow(text: RegExp): void;
};

/** A test that fails where a page of it writes an error to the console or throws. */
export const test = base.extend<{ quietConsole: QuietConsole }>({
  quietConsole: [
    async ({ context }, use) => {
      const troubles: string[] = [];
      const allowed: RegExp[] = [];
      context.on("console", (message) => {
        if (message.type() === "error") troubles.push(`${message.text()} (${message.location().url})`);
      });
      context.on("weberror", (error) => troubles.push(String(error.error())));
      await use({ allow: (text) => void allowed.push(text) });
      const unexpected = troubles.filter((trouble) => !allowed.some((text) => text.test(trouble)));
      expect(unexpected, "errors on the browser's console").toEqual([]);
    },
    { auto: true },
  ],
});
