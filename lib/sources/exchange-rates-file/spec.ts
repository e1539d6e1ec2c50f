import { z } from "zod";
import { sourceSettings } from "#lib/sources/source-settings.ts";

export const exchangeRatesFileSpec = z.strictObject({
  kind: z.literal("exchange-rates-file"),
  path: z.string().min(1).describe("A CSV file in the layout of the ECB's reference rates."),
  ...sourceSettings,
});

export type ExchangeRatesFileSpec = z.infer<typeof exchangeRatesFileSpec>;
