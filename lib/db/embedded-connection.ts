import pg from "pg";
import { errorCode } from "#lib/db/home.ts";
import { AppError } from "#lib/errors.ts";

const DATABASE = "bursar";

/** True where another process of Bursar has a connection to the server. */
export async function isUsedByOthers(url: string): Promise<boolean> {
  try {
    const rows = await ask(
      url,
      "SELECT 1 FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() LIMIT 1",
    );
    return rows.length > 0;
  } catch {
    return false;
  }
}

/** Makes Bursar's database where it is missing. */
export async function createDatabase(url: string): Promise<void> {
  const found = await ask(url, `SELECT 1 FROM pg_database WHERE datname = '${DATABASE}'`);
  if (found.length > 0) return;
  try {
    await ask(url, `CREATE DATABASE ${DATABASE}`);
  } catch (thrown) {
    // 42P04 and 23505: another starter was faster.
    if (!["42P04", "23505"].includes(errorCode(thrown))) throw thrown;
  }
}

/** True when the server of `url` takes connections. Throws AppError where it refuses our password. */
export async function answers(url: string): Promise<boolean> {
  try {
    await ask(url, "SELECT 1");
    return true;
  } catch (thrown) {
    if (errorCode(thrown) !== "28P01") return false;
    throw new AppError("invalid_config", "The embedded database does not accept the password that was kept for it.", {
      remedy: "Restore postgres.json in Bursar's folder from a copy; it belongs to the database beside it.",
      cause: thrown,
    });
  }
}

async function ask(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({
    connectionString: url,
    application_name: "bursar start",
    connectionTimeoutMillis: 2_000,
  });
  // A server that is starting or stopping may cut the connection at any time; the query itself reports it.
  client.on("error", () => undefined);
  try {
    await client.connect();
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}

export function withDatabase(url: string): string {
  return url.replace(/\/postgres$/, `/${DATABASE}`);
}
