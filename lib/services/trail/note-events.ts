import type { PoolClient } from "pg";
import { writeMakings, writePersonalUses } from "#lib/db/trail/makings.ts";
import { isUseByPerson, makingOf, type Making } from "#lib/domain/trail/making.ts";
import type { TrailEvent } from "#lib/domain/trail/trail-event.ts";

/** What new events tell of who made things and who uses them, kept in the transaction that appends them. */
export async function noteEvents(sql: PoolClient, events: readonly TrailEvent[]): Promise<Making[]> {
  const makings = events.flatMap((event) => makingOf(event) ?? []);
  await writeMakings(sql, makings);
  await writePersonalUses(
    sql,
    events.filter(isUseByPerson).map(({ clusterKey, namespace, occurredAt, person, action }) => ({
      clusterKey: clusterKey ?? "",
      namespace: namespace ?? "",
      at: occurredAt,
      person: person ?? "",
      action,
    })),
  );
  return makings;
}
