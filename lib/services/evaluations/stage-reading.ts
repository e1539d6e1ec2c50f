import canonicalize from "canonicalize";
import type { PoolClient } from "pg";
import { openStage, stageItems, type StagedItem } from "#lib/db/posture/stage-items.ts";
import { evidenceHash, storeEvidence } from "#lib/db/posture/store-evidence.ts";
import type { EvaluationItem, EvaluationReading } from "#lib/sources/evaluation-reading.ts";

/** Items that are written at once: some megabytes with their evidence. */
const BATCH_ITEMS = 5_000;

/** The database ends a transaction that is silent for five minutes, and a source that is throttled may be silent for longer. */
const SIGN_OF_LIFE_MS = 60_000;

/** Reads all items into the table `incoming` and keeps their evidence; answers how many there are. Memory holds one batch. */
export async function stageReading(sql: PoolClient, { items }: EvaluationReading): Promise<number> {
  await openStage(sql);
  let count = 0;
  let batch: EvaluationItem[] = [];
  const iterator = items[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await withSignsOfLife(sql, iterator.next());
      if (next.done === true) break;
      for (const item of next.value) {
        batch.push(item);
        if (batch.length < BATCH_ITEMS) continue;
        count += await stageBatch(sql, batch);
        batch = [];
      }
    }
  } catch (thrown) {
    await iterator.return?.();
    throw thrown;
  }
  return count + (await stageBatch(sql, batch));
}

async function stageBatch(sql: PoolClient, batch: readonly EvaluationItem[]): Promise<number> {
  if (batch.length === 0) return 0;
  const texts = new Map<string, string>();
  await stageItems(
    sql,
    batch.map((item) => toStaged(item, texts)),
  );
  await storeEvidence(sql, texts);
  return batch.length;
}

function toStaged(
  { ruleKey, resource, verdict, note, evidence, from, to }: EvaluationItem,
  texts: Map<string, string>,
): StagedItem {
  return { ...resource, ruleKey, verdict, note, evidenceHash: hashOf(evidence, texts), from, to };
}

function hashOf(evidence: unknown, texts: Map<string, string>): string | null {
  if (evidence === null || evidence === undefined) return null;
  const text = canonicalize(evidence);
  if (text === undefined) return null;
  const hash = evidenceHash(text);
  texts.set(hash, text);
  return hash;
}

async function withSignsOfLife<T>(sql: PoolClient, waited: Promise<T>): Promise<T> {
  for (;;) {
    let timer: NodeJS.Timeout | undefined;
    const silence = new Promise<null>((resolve) => {
      timer = setTimeout(() => resolve(null), SIGN_OF_LIFE_MS);
    });
    const first = await Promise.race([waited.then((value) => ({ value })), silence]).finally(() => clearTimeout(timer));
    if (first !== null) return first.value;
    await sql.query("SELECT");
  }
}
