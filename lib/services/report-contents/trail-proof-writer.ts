import type { SqlExecutor } from "#lib/db/activity.ts";
import { readLeafTilesAround, readUpperTiles } from "#lib/db/trail/merkle-tiles.ts";
import { readEventRange, type StoredEvent } from "#lib/db/trail/read-event-range.ts";
import { proveInclusion } from "#lib/domain/merkle/proofs.ts";
import { rememberSubtrees, subtreesOf } from "#lib/domain/merkle/tiles.ts";
import { isSameHash, rangeHash, type SubtreeReader } from "#lib/domain/merkle/tree-hash.ts";
import { eventLeaf, leafText, personalOf, toHex } from "#lib/domain/trail/event-leaf.ts";
import { AppError } from "#lib/errors.ts";
import { FileSink, writeWhole, type WrittenFile } from "#lib/reports/bundle/file-sink.ts";
import type { ItemWriter, TrailFiles } from "#lib/reports/bundle/report-content.ts";
import { sha256 } from "#lib/services/trail/append/seal-events.ts";
import { wrongWithRest } from "#lib/services/trail/retention/forgotten-events.ts";
import {
  findForgetting,
  readForgettings,
  type LoggedForgetting,
} from "#lib/services/trail/retention/logged-forgettings.ts";
import { readHeadAbove, type HeadView } from "#lib/services/trail/heads/read-head.ts";
import { openStored } from "#lib/services/trail/verify/stored-leaf.ts";

export const PROOF_FILES: TrailFiles = {
  proofs: "proof/events.jsonl",
  head: "proof/tree-head.dsse.json",
  forgotten: "proof/forgotten.jsonl",
  forgottenHead: "proof/forgotten-head.dsse.json",
};

export type ProofWriter = ItemWriter<StoredEvent> & { head: HeadView };

/** Reads the hashes of the tree of a head's size. */
type HeadReader = (leaves: ReadonlyMap<number, Uint8Array>) => SubtreeReader;

/**
 * Writes a line for each event: its leaf, what the leaf commits to, and the path to the oldest published head that has all of them. Where records
 * were dropped or pseudonymised, the entries of the log that say so are written in the same way, against a head that has those.
 *
 * @throws AppError "not_found" where there is no such head; "bad_data" where the database does not have what was logged, of which no bundle would
 * verify.
 */
export async function openProofWriter(
  folder: string,
  sql: SqlExecutor,
  { through, keyId }: { through: number; keyId: string },
): Promise<ProofWriter> {
  const head = await readHeadAbove(sql, through, keyId);
  const readerWith = await openTree(sql, head);
  const sink = await FileSink.open(folder, PROOF_FILES.proofs);
  const used = new Map<number, LoggedForgetting>();
  let forgettings: LoggedForgetting[] = [];
  return {
    head,
    push: async (events) => {
      // Batches are dropped while a bundle is made: what the log says is read anew where an event is not explained by what was read.
      const lacking = events.filter(({ seq, body }) => body === null && !findForgetting(forgettings, seq));
      if (lacking.length > 0) forgettings = await readForgettings(sql);
      const read = readerWith(
        await readLeafTilesAround(
          sql,
          events.map(({ seq }) => seq),
        ),
      );
      for (const event of events) {
        const told = event.body === null ? findForgetting(forgettings, event.seq) : undefined;
        if (told) used.set(told.seq, told);
        await sink.write(`${JSON.stringify(proofOf(event, { read, size: head.size, told }))}\n`);
      }
    },
    end: async () => [
      await sink.end(),
      await writeWhole(folder, PROOF_FILES.head, head.envelope),
      ...(await writeForgettings(
        folder,
        sql,
        [...used.keys()].toSorted((a, b) => a - b),
        keyId,
      )),
    ],
  };
}

async function openTree(sql: SqlExecutor, head: HeadView): Promise<HeadReader> {
  const upper = await readUpperTiles(sql);
  const edge = await readLeafTilesAround(sql, [head.size - 1]);
  const readerWith: HeadReader = (leaves) =>
    rememberSubtrees(
      subtreesOf(sha256, (level, index) =>
        level === 0 ? (leaves.get(index) ?? edge.get(index)) : upper.get(`${level}/${index}`),
      ),
    );
  if (toHex(rangeHash(sha256, readerWith(edge), 0, head.size)) !== head.root)
    throw damaged(`The log's tree does not have the root that was published of its first ${head.size} entries.`);
  return readerWith;
}

async function writeForgettings(
  folder: string,
  sql: SqlExecutor,
  places: readonly number[],
  keyId: string,
): Promise<WrittenFile[]> {
  const last = places.at(-1);
  if (last === undefined) return [];
  const head = await readHeadAbove(sql, last, keyId);
  const read = (await openTree(sql, head))(await readLeafTilesAround(sql, places));
  const sink = await FileSink.open(folder, PROOF_FILES.forgotten);
  for (const place of places) {
    const [event] = await readEventRange(sql, place, place + 1);
    if (!event) throw damaged(`Entry ${place} of the log is gone.`);
    await sink.write(`${JSON.stringify(proofOf(event, { read, size: head.size, told: undefined }))}\n`);
  }
  return [await sink.end(), await writeWhole(folder, PROOF_FILES.forgottenHead, head.envelope)];
}

type Proving = { read: SubtreeReader; size: number; told: LoggedForgetting | undefined };

function proofOf(event: StoredEvent, { read, size, told }: Proving) {
  const opened = openStored(event);
  const leaf = read(0, event.seq);
  if (opened === null || wrongWith(event, leaf, told) !== null)
    throw damaged(`Entry ${event.seq} of the log is not what was logged.`);
  return {
    entry: event.seq,
    leafHash: toHex(leaf),
    leaf: leafText(event, opened.commitments),
    personal: personalOf(event),
    salt: opened.record && event.salt && toHex(event.salt),
    ...recordText(opened.record),
    path: proveInclusion(sha256, read, event.seq, size).map(toHex),
  };
}

function wrongWith(event: StoredEvent, leaf: Uint8Array, told: LoggedForgetting | undefined): string | null {
  const opened = openStored(event);
  if (opened === null) return "cannot be read";
  if (opened.record === null) return wrongWithRest(event, leaf, told);
  return isSameHash(leaf, eventLeaf(sha256, event, opened.commitments)) ? null : "is not what was logged";
}

/** The bytes of the record have to come out again exactly: what is no UTF-8 is written as base64. */
function recordText(record: Uint8Array | null): { record: string | null; encoding: "utf8" | "base64" } {
  if (record === null) return { record, encoding: "utf8" };
  try {
    return { record: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(record), encoding: "utf8" };
  } catch {
    return { record: Buffer.from(record).toString("base64"), encoding: "base64" };
  }
}

function damaged(message: string): AppError {
  return new AppError("bad_data", message, {
    remedy: "Somebody changed the database. Compare the log with the heads that were published outside of it.",
  });
}
