import { AsyncLocalStorage } from "node:async_hooks";
import { PrismaPg } from "@prisma/adapter-pg";
import pg from "pg";
import { PrismaClient, type Prisma } from "#prisma";
import { AppError } from "#lib/errors.ts";

/** One database, read and written through Prisma or through SQL. `url` contains the password: never log it. */
export type Database = {
  prisma: PrismaClient;
  /**
   * For SQL of its own. Results hold `numeric`, `bigint` and `date` as strings ("2026-03-01"), `timestamptz` as Date,
   * `json` and `jsonb` parsed. Hand days over as strings too: pg writes a Date in the machine's own time zone.
   */
  pool: pg.Pool;
  url: string;
  /**
   * Runs `work` in one transaction, commits when it resolves, rolls back when it rejects. `prisma` and `sql` of the
   * Transaction are the same connection: COPY, SQL, Prisma writes and job queueing commit together or not at all.
   * Throws what `work` threw; AppError("limit_reached") after `timeoutMs`.
   */
  transact<T>(work: (transaction: Transaction) => Promise<T>, options?: TransactOptions): Promise<T>;
  close(): Promise<void>;
};

/** Both ends of one open transaction, and the database it is on: what goes through that one's own pool is outside of it. */
export type Transaction = { prisma: Prisma.TransactionClient; sql: pg.PoolClient; database: Database };

export type TransactOptions = {
  isolationLevel?: Prisma.TransactionIsolationLevel;
  /** Default one hour: publishing a slice moves millions of rows. */
  timeoutMs?: number;
};

const DEFAULT_POOL_SIZE = 10;
/** A process that is busy for seconds hears late that it was answered. */
const CONNECT_TIMEOUT_MS = 30_000;
const WAIT_FOR_CONNECTION_MS = 60_000;
const TRANSACTION_TIMEOUT_MS = 3_600_000;
const IDLE_IN_TRANSACTION_MS = 300_000;
/** The longest that a timer can wait. */
const NEVER_MS = 2_147_483_647;

/** Opens a pool of at most `max` connections. Nothing is connected before the first query. */
export function openDatabase(url: string, options: { max?: number } = {}): Database {
  const pool = new ObservedPool({ ...connectionSettings(url), max: options.max ?? DEFAULT_POOL_SIZE });
  // A server that goes away closes idle connections; without a listener that would end the process.
  // Whoever queries next is told.
  pool.on("error", () => undefined);
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool) });
  const database: Database = {
    prisma,
    pool,
    url,
    transact: (work, transactOptions = {}) => transact(database, work, transactOptions),
    close: async () => {
      await prisma.$disconnect();
      await pool.end();
    },
  };
  return database;
}

/** Connection settings for `pg`, shared with whoever opens a connection of its own (migrations, the job queue). */
export function connectionSettings(url: string): pg.PoolConfig {
  return {
    connectionString: withStandardSslModes(url),
    application_name: "bursar",
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    // Prisma's adapter writes and reads instants without their offset, which is right in a UTC session only.
    // A process that is paused in the middle of a transaction gives its locks back instead of holding up whoever takes over.
    options: `-c TimeZone=UTC -c idle_in_transaction_session_timeout=${IDLE_IN_TRANSACTION_MS}`,
    types: { getTypeParser: typeParser },
  };
}

/** The connection on which the transaction under way in this asynchronous context was begun. */
type Capture = { client: pg.PoolClient | null };
const captures = new AsyncLocalStorage<Capture>();

async function transact<T>(
  database: Database,
  work: (transaction: Transaction) => Promise<T>,
  options: TransactOptions,
): Promise<T> {
  const timeoutMs = options.timeoutMs ?? TRANSACTION_TIMEOUT_MS;
  const capture: Capture = { client: null };
  const limit: { isReached: boolean; timer: NodeJS.Timeout | undefined } = { isReached: false, timer: undefined };
  const perform = async (transactionClient: Prisma.TransactionClient): Promise<T> => {
    const sql = capture.client;
    if (sql === null) throw new AppError("internal", "Prisma began a transaction on a connection that was not seen.");
    limit.timer = setTimeout(() => {
      limit.isReached = true;
      void terminate(database.pool, sql);
    }, timeoutMs);
    return work({ prisma: transactionClient, sql, database });
  };
  try {
    return await captures.run(capture, () =>
      database.prisma.$transaction(perform, {
        timeout: NEVER_MS,
        maxWait: WAIT_FOR_CONNECTION_MS,
        ...(options.isolationLevel === undefined ? {} : { isolationLevel: options.isolationLevel }),
      }),
    );
  } catch (thrown) {
    if (!limit.isReached) throw thrown;
    throw new AppError(
      "limit_reached",
      `A database transaction took longer than ${timeoutMs} ms and was rolled back.`,
      { cause: thrown },
    );
  } finally {
    clearTimeout(limit.timer);
  }
}

// Prisma's own limit would give the connection back to the pool while `work` is still using it, outside of any
// transaction. Ending the connection at the server leaves nothing that `work` could still write through.
async function terminate(pool: pg.Pool, client: pg.PoolClient): Promise<void> {
  if (!("processID" in client) || typeof client.processID !== "number") return;
  await pool.query("SELECT pg_terminate_backend($1)", [client.processID]).catch(() => undefined);
}

/**
 * Prisma's adapter begins a transaction on a connection that it takes from the pool and keeps to itself. This pool
 * remembers that connection for the `transact` that asked for it, so that SQL and COPY can run inside as well.
 * Only the first connection of the asynchronous context counts: it is taken before `work` starts.
 */
class ObservedPool extends pg.Pool {
  override connect(): Promise<pg.PoolClient>;
  override connect(callback: ConnectCallback): void;
  override connect(callback?: ConnectCallback): Promise<pg.PoolClient> | void {
    if (callback !== undefined) return super.connect(callback);
    const capture = captures.getStore();
    return super.connect().then((client) => {
      if (capture !== undefined && capture.client === null) capture.client = client;
      return client;
    });
  }
}

type ConnectCallback = (
  error: Error | undefined,
  client: pg.PoolClient | undefined,
  done: (release?: unknown) => void,
) => void;

const { builtins } = pg.types;
const TEXT_ARRAY: number = 1009;
const NUMERIC_ARRAY = 1231;
const DATE_ARRAY = 1182;

// pg's own defaults read `date` as local midnight and `numeric[]` as floats: both would change figures.
// The parsers belong to our connections only; Prisma's adapter brings its own with each query.
function typeParser(oid: number, format?: "text" | "binary"): unknown {
  if (format !== "binary") {
    if (oid === builtins.DATE || oid === builtins.NUMERIC || oid === builtins.INT8) return (value: string) => value;
    if (oid === DATE_ARRAY || oid === NUMERIC_ARRAY) return parserOf(TEXT_ARRAY, "text");
    return parserOf(oid, "text");
  }
  return parserOf(oid, "binary");
}

// pg reads sslmode=require as "verify the certificate" and says so on stderr; administrators mean what PostgreSQL's
// own documentation says: encrypt, and verify where `verify-ca` or `verify-full` asks for it.
function withStandardSslModes(url: string): string {
  if (!/[?&]sslmode=/.test(url) || /[?&]uselibpqcompat=/.test(url)) return url;
  return `${url}&uselibpqcompat=true`;
}

// pg's types leave open what a parser is.
function parserOf(oid: number, format: "text" | "binary"): unknown {
  return pg.types.getTypeParser(oid, format);
}
