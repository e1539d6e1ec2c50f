import { pino } from "pino";
import { readEnvironment } from "#lib/env.ts";

/** Names of settings whose values are never written to a log, at the top of an entry and one or two levels below. */
const SECRET_NAMES = [
  "password",
  "token",
  "secretAccessKey",
  "accessKeyId",
  "sessionToken",
  "authorization",
  "cookie",
  "connectionString",
  "databaseUrl",
];

/** JSON lines on stderr: stdout belongs to the answers of the command line. */
export const log = pino(
  {
    level: readEnvironment().LOG_LEVEL,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths: SECRET_NAMES.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: "[not logged]" },
  },
  pino.destination({ dest: 2, sync: true }),
);
