import pg from "pg";
import { connectionSettings } from "#lib/db/client.ts";
import { errorCode } from "#lib/db/home.ts";
import { AppError } from "#lib/errors.ts";

/** PostgreSQL 15, in the form of `server_version_num`. */
const OLDEST_SERVER = 150_000;

/**
 * One connection of its own to the database of `url`, on a server that is new enough. The caller ends it.
 * Throws AppError("invalid_config", "denied" or "unavailable") with one sentence on what is wrong with the address.
 */
export async function connectOrExplain(url: string): Promise<pg.Client> {
  const target = describeTarget(url);
  const client = new pg.Client(connectionSettings(url));
  client.on("error", () => undefined);
  try {
    await client.connect();
  } catch (thrown) {
    throw explain(thrown, target);
  }
  const { rows } = await client.query<{ version: string; number: string }>(
    "SELECT current_setting('server_version') AS version, current_setting('server_version_num') AS number",
  );
  const server = rows[0];
  if (server && Number(server.number) >= OLDEST_SERVER) return client;
  await client.end();
  throw new AppError(
    "invalid_config",
    `The server ${target.server} runs PostgreSQL ${server?.version ?? "of an unknown version"}; Bursar needs 15 or newer.`,
    {
      remedy: "Upgrade the server, point DATABASE_URL to a newer one, or unset it to use the embedded one.",
    },
  );
}

type Target = { server: string; database: string; user: string };

/** What can be told of an address: never the password. @throws AppError "invalid_config" where it is none. */
export function describeTarget(url: string): Target {
  const parsed = URL.parse(url);
  if (!parsed || !/^postgres(ql)?:$/.test(parsed.protocol)) {
    throw new AppError("invalid_config", "DATABASE_URL is not the address of a PostgreSQL database.", {
      remedy: "It looks like postgresql://user:password@host:5432/database.",
    });
  }
  const server = parsed.hostname === "" ? (parsed.searchParams.get("host") ?? "localhost") : parsed.host;
  return { server, database: decodeURIComponent(parsed.pathname.slice(1)), user: decodeURIComponent(parsed.username) };
}

function explain(thrown: unknown, { server, database, user }: Target): AppError {
  const code = errorCode(thrown);
  const options = { cause: thrown };
  if (code === "28P01") {
    return new AppError("denied", `PostgreSQL at ${server} refused the password of the user "${user}".`, {
      ...options,
      remedy: "Check user and password in DATABASE_URL; special characters in the password must be percent-encoded.",
    });
  }
  if (code === "28000") {
    return new AppError(
      "denied",
      `PostgreSQL at ${server} does not let the user "${user}" in to the database "${database}".`,
      {
        ...options,
        remedy: "Check the user in DATABASE_URL, the server's pg_hba.conf, and whether it asks for sslmode=require.",
      },
    );
  }
  if (code === "3D000") {
    return new AppError("invalid_config", `There is no database "${database}" on the PostgreSQL server ${server}.`, {
      ...options,
      remedy: `Create it (CREATE DATABASE ${database}) or correct DATABASE_URL.`,
    });
  }
  if (code === "53300") {
    return new AppError("unavailable", `PostgreSQL at ${server} has no connection free.`, {
      ...options,
      remedy: "Raise its max_connections, or stop what uses them.",
    });
  }
  return new AppError("unavailable", `No PostgreSQL could be reached at ${server} (${code}).`, {
    ...options,
    remedy:
      "Check host and port in DATABASE_URL and that the server is running, or unset DATABASE_URL to use the embedded one.",
  });
}
