import { loadConfig } from "#lib/config.ts";
import type { Database } from "#lib/db/client.ts";
import { AppError } from "#lib/errors.ts";
import type { CostReading } from "#lib/sources/cost-reading.ts";
import { checkDirectory, planDirectory, readDirectory, type Directory } from "#lib/sources/directory-file/index.ts";
import {
  checkExchangeRates,
  planExchangeRates,
  readExchangeRates,
  type ExchangeRate,
} from "#lib/sources/exchange-rates-file/index.ts";
import {
  checkFocus,
  focusSpec,
  planFocus,
  readFocusSlice,
  type FocusSpec,
  type ReadSliceOptions,
} from "#lib/sources/focus/index.ts";
import type { SourceSpec } from "#lib/sources/source-spec.ts";
import type { CheckResult, Dataset, OfferedSlice } from "#lib/sources/source.ts";

/** What a kind of source yields. Imported files are FOCUS files that no configuration names. */
export const DATASET_OF_KIND: Record<SourceSpec["kind"], Dataset> = {
  focus: "cost",
  "directory-file": "directory",
  "exchange-rates-file": "rates",
};

/** A source ready to be asked, whatever its kind. Asking for a dataset that it does not yield throws. */
export type LoadedSource = {
  key: string;
  dataset: Dataset;
  check(): Promise<CheckResult[]>;
  plan(signal?: AbortSignal): Promise<OfferedSlice[]>;
  readCost(slice: OfferedSlice, options: ReadSliceOptions): Promise<CostReading>;
  readDirectory(slice: OfferedSlice): Promise<Directory>;
  readRates(slice: OfferedSlice): Promise<ExchangeRate[]>;
  /** The settings of a source of FOCUS files, for reading line items; null for other kinds. */
  focus: FocusSpec | null;
};

/** The source of the configuration, or of an import, by its name. @throws AppError "not_found". */
export async function loadSource(database: Database, key: string): Promise<LoadedSource> {
  const configured = loadConfig().sources[key];
  if (configured) return open(key, configured);
  const { rows } = await database.pool.query<{ settings: unknown; kind: string }>(
    "SELECT settings, kind FROM source WHERE key = $1",
    [key],
  );
  const found = rows[0];
  if (found?.kind === "import") return open(key, focusSpec.parse({ kind: "focus", ...Object(found.settings) }));
  const known = Object.keys(loadConfig().sources);
  throw new AppError("not_found", `There is no source "${key}".`, {
    remedy: known.length > 0 ? `bursar.yaml has ${known.join(", ")}.` : "Add it to bursar.yaml, or import a file.",
  });
}

function open(key: string, spec: SourceSpec): LoadedSource {
  const never = new AbortController().signal;
  const refuse = (dataset: Dataset) => async () => {
    throw new AppError("invalid_input", `The source ${key} yields ${DATASET_OF_KIND[spec.kind]}, not ${dataset}.`);
  };
  const base = {
    key,
    dataset: DATASET_OF_KIND[spec.kind],
    readCost: refuse("cost"),
    readDirectory: refuse("directory"),
    readRates: refuse("rates"),
    focus: null,
  };
  switch (spec.kind) {
    case "focus":
      return {
        ...base,
        check: () => checkFocus(spec),
        plan: (signal = never) => planFocus(spec, { signal }),
        readCost: (slice, options) => readFocusSlice(spec, slice, options),
        focus: spec,
      };
    case "directory-file":
      return {
        ...base,
        check: () => checkDirectory(spec),
        plan: () => planDirectory(spec),
        readDirectory: (slice) => readDirectory(slice),
      };
    case "exchange-rates-file":
      return {
        ...base,
        check: () => checkExchangeRates(spec),
        plan: () => planExchangeRates(spec),
        readRates: (slice) => readExchangeRates(slice),
      };
  }
}
