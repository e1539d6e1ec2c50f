import type { PoolClient } from "pg";
import { recordActivity } from "#lib/db/activity.ts";
import { endMfaFill, readEntriesWith, readMfaFill, readWithoutMfa, writeMfa } from "#lib/db/trail/fill-mfa.ts";
import type { StoredEvent } from "#lib/db/trail/read-event-range.ts";
import { changeTerms } from "#lib/db/trail/write-terms.ts";
import { fieldTerm, termHash } from "#lib/domain/trail/event-terms.ts";
import { log } from "#lib/log.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { indexTerms, placeTerms } from "#lib/services/trail/append/index-terms.ts";
import { lockTrail } from "#lib/services/trail/append/lock-trail.ts";
import { mayTellMfa, recordedMfa, SIGN_IN_WORDS } from "#lib/services/trail/append/recorded-mfa.ts";
import { sha256Hex } from "#lib/services/trail/append/seal-events.ts";
import { unpackBody } from "#lib/services/trail/append/stored-body.ts";
import { isAsLogged, readLoggedLeaves } from "#lib/services/trail/verify/logged-leaf.ts";

/** Events whose records are in memory at once. */
const BATCH_EVENTS = 2_000;
const MFA_TERMS = new Set((["yes", "no"] as const).map((mfa) => termHash(sha256Hex, fieldTerm("mfa", mfa))));

/**
 * Gives sign-ins that were stored before rows told of a second factor what their records say, once after the upgrade, in one transaction. Only what the
 * leaf commits to is written, so that nobody gets anything untrue into a row by asking for it again; entries that came later stay as they are, and one
 * that was emptied stays damage. Null where nothing is to be done.
 */
export async function fillMfa(context: ServiceContext): Promise<{ filled: number; damaged: number } | null> {
  await authorise(context, "trail:seal", "second factors of the trail");
  const { actor, database, now } = context;
  if ((await readMfaFill(database.pool)) === null) return null;
  return database.transact(async ({ sql }) => {
    await lockTrail(sql);
    const below = await readMfaFill(sql);
    // Somebody else who started at the same time has done it.
    if (below === null) return null;
    const terms = SIGN_IN_WORDS.map((word) => termHash(sha256Hex, word));
    const entries = await readEntriesWith(sql, terms, below);
    const total = { filled: 0, damaged: 0 };
    for (let from = 0; from < entries.length; from += BATCH_EVENTS) {
      const { filled, damaged } = await fillBatch(sql, entries.slice(from, from + BATCH_EVENTS));
      total.filled += filled;
      total.damaged += damaged;
    }
    await endMfaFill(sql);
    await recordActivity(sql, {
      at: now,
      actor,
      action: "mfa.filled",
      subject: `entries below ${below}`,
      after: total,
    });
    if (total.damaged > 0) log.error(total, "Sign-ins that are not what was logged were left as they are.");
    return total;
  });
}

async function fillBatch(sql: PoolClient, entries: readonly number[]): Promise<{ filled: number; damaged: number }> {
  const events = (await readWithoutMfa(sql, entries)).filter(mayTellMfa);
  const leaves = await readLoggedLeaves(
    sql,
    events.map(({ seq }) => seq),
  );
  const sound = events.filter((event, index) => isAsLogged(event, leaves[index]));
  const told = sound.map(withMfa).filter(({ mfa }) => mfa !== null);
  await writeMfa(sql, told);
  const placed = placeTerms(indexTerms(sha256Hex, told), (index) => told[index]?.seq ?? 0);
  const own = placed.filter(({ term }) => MFA_TERMS.has(term));
  await changeTerms(sql, { entries: [], words: [] }, { entries: own, words: [] });
  return { filled: told.length, damaged: events.length - sound.length };
}

function withMfa(event: StoredEvent): StoredEvent {
  return { ...event, mfa: event.body && recordedMfa(event.sourceKey, unpackBody(event.body)) };
}
