import { AppError, toAppError } from "#lib/errors.ts";
import type { CheckResult, OfferedSlice } from "#lib/sources/source.ts";
import { parseRates, type ExchangeRate } from "#lib/sources/exchange-rates-file/parse-rates.ts";
import type { ExchangeRatesFileSpec } from "#lib/sources/exchange-rates-file/spec.ts";
import { describeTextFile, readTextFile } from "#lib/sources/local-text-file.ts";

export type { ExchangeRate } from "#lib/sources/exchange-rates-file/parse-rates.ts";

/** One slice, "all". Throws AppError("invalid_config") where the file is not there. */
export async function planExchangeRates(spec: ExchangeRatesFileSpec): Promise<OfferedSlice[]> {
  const file = await describeTextFile(spec.path, "csv");
  if (file === null)
    throw new AppError("invalid_config", `There is no file of exchange rates at ${spec.path}.`, {
      remedy: "Check the source's path in bursar.yaml.",
      place: { file: spec.path },
    });
  return [{ period: "all", fingerprint: file.version, files: [file] }];
}

/** Every rate of the file, one row a day and currency. */
export async function readExchangeRates(slice: OfferedSlice): Promise<ExchangeRate[]> {
  const rates: ExchangeRate[] = [];
  for (const file of slice.files) rates.push(...parseRates(await readTextFile(file), file.name));
  return rates;
}

export async function checkExchangeRates(spec: ExchangeRatesFileSpec): Promise<CheckResult[]> {
  const what = `Exchange rates at ${spec.path}`;
  try {
    for (const slice of await planExchangeRates(spec)) await readExchangeRates(slice);
    return [{ what, ok: true, error: null }];
  } catch (thrown) {
    return [{ what, ok: false, error: toAppError(thrown).toJSON() }];
  }
}
