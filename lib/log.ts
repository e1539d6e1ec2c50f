import { pino } from "pino";

/** The process's log: one JSON object a line on standard output. Secrets never go in. */
export const log = pino({ level: process.env.BURSAR_LOG_LEVEL ?? "info", base: null });
