import type { PoolClient } from "pg";
import { writeChangeTickets } from "#lib/db/trail/change-tickets.ts";
import { writeMakings, writePersonalUses } from "#lib/db/trail/makings.ts";
import { changeTicketOf } from "#lib/domain/trail/change-ticket.ts";
import { isUseByPerson, makingOf, type Making } from "#lib/domain/trail/making.ts";
import type { TrailEvent } from "#lib/domain/trail/trail-event.ts";

/**
 * What new events tell of who made things, who uses them and who may change them, kept in the transaction that appends them. `seqOf`: the log's entry
 * that one of them is.
 */
export async function noteEvents(
  sql: PoolClient,
  events: readonly TrailEvent[],
  seqOf: (index: number) => number,
): Promise<Making[]> {
  const tickets = events.flatMap((event, index) => {
    const ticket = changeTicketOf(event);
    return ticket === null ? [] : [{ ...ticket, seq: seqOf(index) }];
  });
  await writeChangeTickets(sql, tickets);
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
