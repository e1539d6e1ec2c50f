import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";

const WIDTHS = [1440, 390];
/** What a theme can change. */
const RULES_ON_COLOURS = ["color-contrast", "link-in-text-block"];
/** Rows of one table repeat the same marks: all of them are looked at once, and these few in every other look. */
const REPEATED_ROWS = "tbody tr:nth-child(n+13)";

/** Every skeleton of the page has given way to what it stood for. */
export async function settled(page: Page): Promise<void> {
  await expect(page.locator("h1")).toHaveCount(1);
  await expect(page.locator(".skeleton")).toHaveCount(0, { timeout: 30_000 });
}

/** All rules in light; in dark those on colours, which are all that the theme changes. Nothing scrolls sideways but tables in their own frame. */
export async function expectAccessible(page: Page): Promise<void> {
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 900 });
    await settled(page);
    const isFirst = width === WIDTHS[0];
    await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
    const all = new AxeBuilder({ page });
    expect(await violations(isFirst ? all : all.exclude(REPEATED_ROWS)), `light, ${width} px`).toEqual([]);
    await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
    const colours = new AxeBuilder({ page }).exclude(REPEATED_ROWS);
    expect(await violations(colours, RULES_ON_COLOURS), `dark, ${width} px`).toEqual([]);
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow, `the page scrolls sideways at ${width} px`).toBeLessThanOrEqual(0);
  }
}

/**
 * By all rules, or by those that are named. Of what passed, axe writes no report: describing thousands of elements takes it longer than
 * looking at them. Its legacy mode is the one that can leave that out; what it lacks is frames of other origins, and no page has any.
 */
export async function violations(axe: AxeBuilder, rules: string[] | null = null): Promise<string[]> {
  const only = rules === null ? {} : { runOnly: { type: "rule" as const, values: rules } };
  const { violations: found } = await axe
    .setLegacyMode()
    .options({ resultTypes: ["violations"], ...only })
    .analyze();
  return found.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} at ${target.join(" ")}: ${failureSummary}`),
  );
}
