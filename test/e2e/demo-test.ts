import { type Page } from "@playwright/test";
import { mailOf } from "#demo/estate/people.ts";
import { readTruth } from "#demo/write-estate.ts";
import { addMonths, periodOf, type BillingPeriod } from "#lib/domain/period.ts";
import type { SourceKey } from "#demo/estate/services.ts";
import { sliceTruth, type SliceTruth, type Truth } from "#demo/estate/truth.ts";
import { KEEPER_VARIABLE, type DemoPlace } from "#test/e2e/demo-keeper.ts";
import { test as quiet } from "#test/e2e/quiet-console.ts";

export { expect } from "@playwright/test";

export type Demo = DemoPlace & {
  truth: Truth;
  /** The last whole month, which every source has delivered. The estate ends today, so that no month can be named here. */
  month: BillingPeriod;
};

/** Whoever holds a role in the demo. */
const PEOPLE = {
  admin: "Mira Castellan",
  finance: "Jan Fennhoff",
  auditor: "Ada Nordahl",
  platform: "Tom Ruhland",
} as const;

type Role = keyof typeof PEOPLE | "member";

const DEMO_LIMIT_MS = 960_000;

type Fixtures = { signInAs: (role: Role) => Promise<void> };

/** A test against the demo, which is started once and shared: whoever changes something in it puts it back. */
export const test = quiet.extend<Fixtures, { demo: Demo }>({
  demo: [
    async ({ browserName: _anyBrowser }, use) => {
      const ask = () => fetch(process.env[KEEPER_VARIABLE] ?? "");
      let answer = await ask();
      // The fixture's own limit ends this.
      while (answer.status === 202) answer = await ask();
      if (!answer.ok) throw new Error(await answer.text());
      const place = (await answer.json()) as DemoPlace;
      const truth = await readTruth(place.home);
      await use({ ...place, truth, month: addMonths(periodOf(truth.today), -1) });
    },
    { scope: "worker", timeout: DEMO_LIMIT_MS },
  ],
  baseURL: async ({ demo }, use) => use(demo.url),
  signInAs: async ({ page }, use) => {
    await use((role) => signIn(page, role));
  },
});

/** What was planted in the delivery that counts: the second one of the restated month. */
export function plantedIn({ truth }: Demo, source: SourceKey, period: BillingPeriod): SliceTruth {
  const { restatement } = truth;
  return sliceTruth(truth, source, period, source === restatement.source && period === restatement.period ? 2 : 1);
}

/** What the API answers to whoever is signed in on the page. */
export async function readApi<Answer>(page: Page, path: string): Promise<Answer> {
  const answer = await page.request.get(`/api/v1/${path}`);
  if (!answer.ok()) throw new Error(await answer.text());
  return (await answer.json()) as Answer;
}

async function signIn(page: Page, role: Role): Promise<void> {
  const mail = role === "member" ? await anyMember(page) : mailOf(PEOPLE[role]);
  const answer = await page.request.post("/api/v1/session", { data: { mail } });
  if (!answer.ok()) throw new Error(await answer.text());
}

/** Of the people that the sign-in page offers, the first who holds no other role. */
async function anyMember(page: Page): Promise<string> {
  const offered = (await (await page.request.get("/sign-in")).text()).matchAll(/[a-z.]+@[a-z]+\.example/g);
  const others = Object.values(PEOPLE).map(mailOf);
  const member = [...offered].map(([mail]) => mail).find((mail) => !others.includes(mail));
  if (member === undefined) throw new Error("The demo offers no member of a team to sign in as.");
  return member;
}
