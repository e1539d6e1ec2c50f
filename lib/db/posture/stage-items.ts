import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { PoolClient } from "pg";
import { from as copyFrom } from "pg-copy-streams";

/** One item as it is staged; null = not given. */
export type StagedItem = {
  ruleKey: string;
  kind: string;
  key: string;
  name: string;
  accountId: string | null;
  region: string | null;
  clusterKey: string | null;
  namespaceUid: string | null;
  environment: string | null;
  verdict: string;
  note: string | null;
  evidenceHash: string | null;
  from: Date | null;
  to: Date | null;
};

/** Makes the empty table `incoming` of this transaction. */
export async function openStage(sql: PoolClient): Promise<void> {
  await sql.query(`DROP TABLE IF EXISTS incoming;
    CREATE TEMP TABLE incoming (rule_key text NOT NULL, kind text NOT NULL, resource_key text NOT NULL, name text NOT NULL, account_id text,
      region text, cluster_key text, namespace_uid text, environment text, verdict text NOT NULL, note text, evidence_hash text,
      valid_from timestamptz, valid_to timestamptz) ON COMMIT DROP`);
}

/** Adds items to `incoming` by COPY. */
export async function stageItems(sql: PoolClient, items: readonly StagedItem[]): Promise<void> {
  await pipeline(Readable.from([items.map(toLine).join("")]), sql.query(copyFrom("COPY incoming FROM STDIN")));
}

function toLine(item: StagedItem): string {
  const cells = [
    item.ruleKey,
    item.kind,
    item.key,
    item.name,
    item.accountId,
    item.region,
    item.clusterKey,
    item.namespaceUid,
    item.environment,
    item.verdict,
    item.note,
    item.evidenceHash,
    item.from?.toISOString() ?? null,
    item.to?.toISOString() ?? null,
  ];
  return `${cells.map(escaped).join("\t")}\n`;
}

/** COPY's own text format. PostgreSQL keeps no zero bytes in text. */
function escaped(cell: string | null): string {
  if (cell === null) return "\\N";
  return cell.replaceAll(/[\\\t\n\r\0]/g, (character) => ESCAPES[character] ?? "");
}

const ESCAPES: Readonly<Record<string, string>> = { "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r" };
