import type { Actor } from "#lib/access/actor.ts";

/** Anything that runs a statement with parameters: a pool, a client, a transaction. */
export type SqlExecutor = {
  query(
    text: string | { name: string; text: string; values: unknown[] },
    values?: unknown[],
  ): Promise<{ rows: Record<string, unknown>[]; rowCount?: number | null }>;
};

export type ActivityEntry = {
  at: Date;
  actor: Actor;
  /** Noun and past verb: "rule.saved". */
  action: string;
  subject: string;
  before?: unknown;
  after?: unknown;
};

/** An entry as it is stored, which is also how the trail's record of it has it: its columns, in this order. */
export type ActivityRow = {
  id: string;
  at: Date;
  actor_id: string;
  role: string;
  action: string;
  subject: string;
  before: unknown;
  after: unknown;
};
export const ACTIVITY_COLUMNS = "id, at, actor_id, role, action, subject, before, after";

/** Appends to the activity log. Inside a transaction the entry commits with what it tells of, or not at all. */
export async function recordActivity(executor: SqlExecutor, entry: ActivityEntry): Promise<void> {
  await executor.query(
    `INSERT INTO activity (at, actor_id, role, action, subject, before, after) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [
      entry.at,
      entry.actor.id,
      entry.actor.role,
      entry.action,
      entry.subject,
      entry.before === undefined ? null : JSON.stringify(entry.before),
      entry.after === undefined ? null : JSON.stringify(entry.after),
    ],
  );
}
