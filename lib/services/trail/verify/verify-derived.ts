import type { SqlExecutor } from "#lib/db/activity.ts";
import type { OpenRows } from "#lib/db/open-rows.ts";
import {
  lackingUses,
  openMakings,
  openTickets,
  readTicketEntry,
  readUntoldUses,
  type Placed,
} from "#lib/db/trail/derived-rows.ts";
import type { StoredEvent } from "#lib/db/trail/read-event-range.ts";
import { changeTicketOf, isTicket, type ChangeTicket } from "#lib/domain/trail/change-ticket.ts";
import { isUseByPerson, makingOf, mayMake, type Making } from "#lib/domain/trail/making.ts";
import type { TrailEvent } from "#lib/domain/trail/trail-event.ts";
import { unpackBody } from "#lib/services/trail/append/stored-body.ts";
import { readPseudonyms } from "#lib/services/trail/retention/logged-forgettings.ts";
import type { CheckedRange, DerivedCheck, Findings, TrailDamage } from "#lib/services/trail/verify/trail-damage.ts";

/** What one kind of row is made of. */
type Derivation<Row> = {
  /** In a sentence. */
  name: string;
  mayTell(event: StoredEvent): boolean;
  rowOf(event: TrailEvent): Row | null;
  /** Whether an entry before this one has made the row already. */
  isMadeBefore(row: Row, seq: number): Promise<boolean>;
};

/** Namespaces that are named where no entry tells of what was done in them. */
const MOST_UNTOLD = 1_000;

/**
 * Holds to the log what is kept of it beside the log: versions of change requests, who made namespaces and accounts, and who changed something in a namespace last.
 * What an entry without its record told is not known any more, so that such a row may be there or not.
 */
export async function watchDerived(sql: SqlExecutor, findings: Findings): Promise<DerivedCheck> {
  const pseudonyms = await readPseudonyms(sql);
  const tickets = watchRows(await openTickets(sql), TICKETS(sql), { pseudonyms, findings });
  const makings = watchRows(await openMakings(sql), MAKINGS, { pseudonyms, findings });
  return {
    async pass(range) {
      await tickets.pass(range);
      await makings.pass(range);
      await compareUses(sql, range, findings);
    },
    async end() {
      await tickets.end();
      await makings.end();
      for (const { clusterKey, namespace } of await readUntoldUses(sql, { pseudonyms, limit: MOST_UNTOLD }))
        findings.add(
          damage(null, `No entry tells of the newest change by a person in namespace ${namespace} of ${clusterKey}.`),
        );
    },
  };
}

const TICKETS = (sql: SqlExecutor): Derivation<ChangeTicket> => ({
  name: "version of a change request",
  mayTell: isTicket,
  rowOf: changeTicketOf,
  isMadeBefore: async (row, seq) => ((await readTicketEntry(sql, row)) ?? seq) < seq,
});

const MAKINGS: Derivation<Making> = {
  name: "note of who made something",
  mayTell: mayMake,
  rowOf: makingOf,
  isMadeBefore: () => Promise.resolve(false),
};

function watchRows<Row extends object>(
  rows: OpenRows<Placed<Row>>,
  { name, mayTell, rowOf, isMadeBefore }: Derivation<Row>,
  { pseudonyms, findings }: { pseudonyms: readonly string[]; findings: Findings },
) {
  const addUntold = ({ seq }: Placed<Row>) =>
    findings.add(
      damage(
        seq,
        seq === null ? `No entry tells of a ${name}.` : `There is a ${name} that entry ${seq} does not tell.`,
      ),
    );
  const compare = async (event: StoredEvent, [row, ...others]: readonly Placed<Row>[]) => {
    for (const other of others) addUntold(other);
    const { seq, body } = event;
    // Of what was dropped nobody knows any more what it told.
    if (body === null && mayTell(event)) return;
    const own = body === null ? null : rowOf({ ...event, body: unpackBody(body) });
    if (own === null) {
      if (row) addUntold(row);
    } else if (row === undefined) {
      if (!(await isMadeBefore(own, seq))) findings.add(damage(seq, `The ${name} of entry ${seq} is gone.`));
    } else if (!isSameRow(own, row, pseudonyms))
      findings.add(damage(seq, `The ${name} of entry ${seq} is not what the entry tells.`));
  };
  return {
    async pass({ to, sound, damaged }: CheckedRange): Promise<void> {
      const bySeq = new Map<number, Placed<Row>[]>();
      await rows.each(
        ({ seq }) => seq !== null && seq < to,
        (row) => bySeq.set(row.seq ?? -1, [...(bySeq.get(row.seq ?? -1) ?? []), row]),
      );
      for (const event of sound) {
        const own = bySeq.get(event.seq) ?? [];
        if (own.length > 0 || mayTell(event)) await compare(event, own);
        bySeq.delete(event.seq);
      }
      for (const [seq, strays] of bySeq) if (!damaged.has(seq)) for (const row of strays) addUntold(row);
    },
    async end(): Promise<void> {
      await rows.each(() => true, addUntold);
      await rows.close();
    },
  };
}

/** A text in which an ordered pseudonym stands is not compared: whose name it took is what was forgotten. */
function isSameRow(should: object, is: object, pseudonyms: readonly string[]): boolean {
  const stored = new Map<string, unknown>(Object.entries(is));
  return Object.entries(should).every(([name, value]) => {
    const other = stored.get(name);
    if (value instanceof Date && other instanceof Date) return value.getTime() === other.getTime();
    return value === other || (typeof other === "string" && pseudonyms.some((pseudonym) => other.includes(pseudonym)));
  });
}

async function compareUses(sql: SqlExecutor, { sound }: CheckedRange, findings: Findings): Promise<void> {
  const newest = new Map<string, { clusterKey: string; namespace: string; at: Date; seq: number }>();
  for (const event of sound.filter(isUseByPerson)) {
    const [clusterKey, namespace, at] = [event.clusterKey ?? "", event.namespace ?? "", event.occurredAt];
    const key = `${clusterKey} ${namespace}`;
    if ((newest.get(key)?.at ?? -1) < at) newest.set(key, { clusterKey, namespace, at, seq: event.seq });
  }
  const uses = [...newest.values()];
  for (const n of await lackingUses(sql, uses)) {
    const { clusterKey, namespace, seq = null } = uses[n] ?? {};
    findings.add(
      damage(
        seq,
        `The newest change by a person in namespace ${namespace} of ${clusterKey} is older than entry ${seq}, or gone.`,
      ),
    );
  }
}

function damage(seq: number | null, message: string): TrailDamage {
  return { kind: "derived", seq, message };
}
