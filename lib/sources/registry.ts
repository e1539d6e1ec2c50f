import { z } from "zod";
import { checkDirectory, directoryFileSpec, planDirectory, readDirectory } from "#lib/sources/directory-file/index.ts";
import { checkExchangeRates, exchangeRatesFileSpec, planExchangeRates, readExchangeRates } from "#lib/sources/exchange-rates-file/index.ts";
import { checkFocus, focusSpec, planFocus, readFocusLineItems, readFocusResources, readFocusSlice } from "#lib/sources/focus/index.ts";

/** Every kind of source: what it yields, its settings and its verbs. Each folder of lib/sources stands here once. */
export const SOURCES = {
  focus: {
    dataset: "cost",
    spec: focusSpec,
    check: checkFocus,
    plan: planFocus,
    read: readFocusSlice,
    readLineItems: readFocusLineItems,
    readResources: readFocusResources,
  },
  "directory-file": { dataset: "directory", spec: directoryFileSpec, check: checkDirectory, plan: planDirectory, read: readDirectory },
  "exchange-rates-file": { dataset: "rates", spec: exchangeRatesFileSpec, check: checkExchangeRates, plan: planExchangeRates, read: readExchangeRates },
} as const;

export type SourceKind = keyof typeof SOURCES;

/** The settings of any source under `sources.<name>` of bursar.yaml. */
export const sourceSpec = z.discriminatedUnion("kind", [focusSpec, directoryFileSpec, exchangeRatesFileSpec]);

export type SourceSpec = z.infer<typeof sourceSpec>;
