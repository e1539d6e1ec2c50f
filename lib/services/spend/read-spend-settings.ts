import { loadConfig } from "#lib/config.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { currentProjection } from "#lib/services/sources/projection.ts";

/** What the choices on /spend depend on. */
export type SpendSettings = {
  organisation: string;
  /** ISO 4217; null = currencies are shown side by side only. */
  reportingCurrency: string | null;
  /** Normalised keys of the tags that roll-ups keep, so that spend can be grouped by them. */
  tagKeys: string[];
};

/** The configured reporting currency and the tags that can be filtered and grouped by. */
export async function readSpendSettings(context: ServiceContext): Promise<SpendSettings> {
  await authorise(context, "spend:read", "spend settings");
  const { organisation, reportingCurrency } = loadConfig();
  const { tagKeys } = await currentProjection(context.database.pool);
  return { organisation, reportingCurrency: reportingCurrency ?? null, tagKeys };
}
