import type { Database } from "#lib/db/client.ts";

/** What a task is given: the job as it came out of the queue, not yet parsed. */
export type TaskInput = { database: Database; data: unknown; queuedAt: Date; signal: AbortSignal };

export type Task = (input: TaskInput) => Promise<void>;
