import { join } from "node:path";
import { loadConfig } from "#lib/config.ts";
import { resolveHome } from "#lib/db/home.ts";
import { createRequestGate } from "#lib/services/api/request-gate.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import type { HeadsBucket } from "#lib/sources/aws/heads-bucket.ts";
import type { HeadsBucketSpec } from "#lib/sources/aws/heads-bucket-spec.ts";
import type { RequestGate } from "#lib/sources/aws/request-gate.ts";
import type { CheckResult } from "#lib/sources/source.ts";
import { appendLines, writeWhole } from "#lib/services/trail/heads/head-files.ts";

/** What requests to the bucket are counted under. No source's name has a dot. */
export const HEADS_BUCKET = "audit.heads";
/** Below the home: heads, one a line, and their time stamps, a file each. */
export const HEADS_FILE = join("trail", "heads.jsonl");
const STAMPS_FOLDER = join("trail", "heads");
/** As many digits as a number has that counts safely, so that the order of names is that of sizes. */
const SIZE_DIGITS = 16;

export type OutsideHead = { size: number; envelope: string };

/** A place outside of the database. `name` is how the database remembers what is there. */
export type HeadPlace = {
  name: string;
  /** Whether nobody can change or delete what is there. */
  isLocked: boolean;
  /** Heads that are written before it is noted that they are. */
  batch: number;
  open(context: ServiceContext, signal: AbortSignal): Promise<OpenHeadPlace>;
};

export type OpenHeadPlace = {
  /** What was written before, without its being noted, may be there twice, and never differs. */
  putHeads(heads: readonly OutsideHead[]): Promise<void>;
  putStamp(size: number, stamp: Uint8Array): Promise<void>;
  close(): void;
};

/** The file of the home folder, and the bucket where one is configured. */
export function headPlaces(): HeadPlace[] {
  const { s3 } = loadConfig().audit.heads;
  return [FILE_PLACE, ...(s3 === undefined ? [] : [bucketPlace(s3)])];
}

/** Names sort as sizes do. */
export function headName(size: number): string {
  return String(size).padStart(SIZE_DIGITS, "0");
}

/** The configured bucket, to read from; null where none is. Whoever opens it closes it. */
export async function openConfiguredBucket(context: ServiceContext, signal: AbortSignal): Promise<HeadsBucket | null> {
  const { s3 } = loadConfig().audit.heads;
  if (s3 === undefined) return null;
  const { openHeadsBucket } = await loadBucket();
  return openHeadsBucket(s3, gateOf(context), signal);
}

/** Whether heads can be written to the bucket and read again; null where none is configured. */
export async function checkHeadPlaces(context: Pick<ServiceContext, "database">): Promise<CheckResult[] | null> {
  const { s3 } = loadConfig().audit.heads;
  if (s3 === undefined) return null;
  const { checkHeadsBucket } = await loadBucket();
  return checkHeadsBucket(s3, gateOf(context), new AbortController().signal);
}

const FILE_PLACE: HeadPlace = {
  name: "file",
  isLocked: false,
  batch: 1_000,
  open: () => {
    const home = resolveHome();
    return Promise.resolve({
      putHeads: async (heads) =>
        appendLines(
          join(home, HEADS_FILE),
          heads.map(({ envelope }) => envelope),
        ),
      putStamp: async (size, stamp) => writeWhole(join(home, STAMPS_FOLDER, `${headName(size)}.tsr`), stamp),
      close: () => {},
    });
  },
};

function bucketPlace(spec: HeadsBucketSpec): HeadPlace {
  return {
    name: `s3://${spec.bucket}/${spec.prefix}`,
    isLocked: true,
    batch: 1,
    open: async (context, signal) => {
      const { openHeadsBucket } = await loadBucket();
      const bucket = await openHeadsBucket(spec, gateOf(context), signal);
      const put = (size: number, ending: string, content: Uint8Array, type: string) =>
        bucket.put({ name: `${headName(size)}.${ending}`, content, type }, context.now);
      return {
        putHeads: async (heads) => {
          for (const { size, envelope } of heads) await put(size, "json", Buffer.from(envelope), "application/json");
        },
        putStamp: (size, stamp) => put(size, "tsr", stamp, "application/timestamp-reply"),
        close: () => bucket.close(),
      };
    },
  };
}

function gateOf({ database }: Pick<ServiceContext, "database">): RequestGate {
  const now = () => new Date();
  return createRequestGate(database, { sourceKey: HEADS_BUCKET, runId: null, monthlyCapUsd: null, now });
}

/** The SDK is loaded where there is a bucket, and nowhere else. */
const loadBucket = () => import("#lib/sources/aws/heads-bucket.ts");
