import { openAwsClients } from "#lib/sources/aws/client.ts";
import type { RequestGate } from "#lib/sources/aws/request-gate.ts";
import { aggregatedAccounts } from "#lib/sources/aws-config/open-aggregated.ts";
import { openRegion } from "#lib/sources/aws-config/requests.ts";
import type { AwsConfigSpec } from "#lib/sources/aws-config/spec.ts";
import type { OfferedSlice } from "#lib/sources/source.ts";

/**
 * One slice an account, so that one that cannot be read is no gap for the others. What AWS Config says has no version to compare, so that
 * it is read anew each time that the source is due.
 *
 * @param only the account that is wanted, where one is: nothing is then asked.
 */
export async function planConfigEvaluations(
  spec: AwsConfigSpec,
  options: { gate: RequestGate; signal: AbortSignal; due: Date; only: string | null },
): Promise<OfferedSlice[]> {
  const accounts = options.only === null ? await listAccounts(spec, options) : [options.only];
  return accounts.map((period) => ({ period, fingerprint: configFingerprint(options.due), files: [] }));
}

export function configFingerprint(due: Date): string {
  return `due ${due.toISOString()}`;
}

/** The accounts of the settings, and those that the aggregator collects; sorted. */
export async function listAccounts(
  spec: AwsConfigSpec,
  { gate, signal }: { gate: RequestGate; signal: AbortSignal },
): Promise<string[]> {
  if (spec.aggregator === undefined) return [...new Set(spec.accounts)].toSorted();
  const clients = await openAwsClients(spec, gate, signal);
  try {
    const collected = await aggregatedAccounts(openRegion(clients, spec.region ?? ""), spec.aggregator);
    return [...new Set([...spec.accounts, ...collected])].toSorted();
  } finally {
    clients.close();
  }
}
