import type { DuckDBConnection } from "@duckdb/node-api";
import type { ClusterCostReading } from "#lib/sources/cluster-costs.ts";
import type { Amounts } from "#lib/domain/money.ts";
import type { SourceFinding } from "#lib/sources/source.ts";

/** Which tags and resource patterns the roll-up keeps; what is not kept cannot be grouped by or ruled on without reading again. */
export type Projection = {
  /** Normalised tag keys (trimmed, lower case). */
  tagKeys: string[];
  /** Normalised tag keys of which the first that is present and not empty is the environment. */
  environmentTags: string[];
  /** Glob patterns over ResourceId. */
  resourcePatterns: string[];
};

/**
 * A slice of cost, read and rolled up, in tables of a private DuckDB:
 *
 * - `charge(key_no INTEGER, day DATE, billed, effective, list, contracted DECIMAL(38,12), line_items INTEGER)`,
 *   one row per key and UTC day; amounts in the key's currency; absent list and contracted costs count as 0.
 * - `charge_key(key_no INTEGER, hash VARCHAR, currency, provider, billing_account_id, sub_account_id, region_id,
 *   service_category, service_name, charge_category, environment VARCHAR, tags VARCHAR, resource_patterns VARCHAR)`;
 *   missing values are ''; tags is canonical JSON (keys sorted), resource_patterns a sorted JSON list;
 *   hash is md5 (32 hex digits) over all of them, the same in every run.
 * - `account(provider, account_id, name, billing_account_id VARCHAR)`, billing accounts with '' above them.
 */
export type CostReading = {
  connection: DuckDBConnection;
  /** Per currency, summed over the line items themselves in a pass of its own. */
  controlTotals: Record<string, Amounts & { lineItems: number }>;
  /** What is clusters' of it; null or absent where nothing was recognised, or the source cannot tell. */
  clusterCosts?: ClusterCostReading | null;
  findings: SourceFinding[];
  counts: { files: number; lineItems: number; bytes: number };
  /** Exclusive end of the newest charge period, clamped to the billing period; null where there are no rows. */
  dataUntil: Date | null;
  /** Throws AppError("bad_data") where a file is no longer the one that was read. Call it just before publishing. */
  verifyUnchanged(): Promise<void>;
  /** Frees the DuckDB and its scratch files. */
  close(): Promise<void>;
};
