import { readEventRange } from "#lib/db/trail/read-event-range.ts";
import { toHex } from "#lib/domain/trail/event-leaf.ts";
import { AppError } from "#lib/errors.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { mayTellMfa, recordedMfa } from "#lib/services/trail/append/recorded-mfa.ts";
import { findForgetting, readForgettings } from "#lib/services/trail/retention/logged-forgettings.ts";
import type { TrailRecord } from "#lib/services/trail/search/trail-view.ts";
import { isAsLogged, readLoggedLeaves } from "#lib/services/trail/verify/logged-leaf.ts";
import { openStored } from "#lib/services/trail/verify/stored-leaf.ts";

/** One event with the record that its trail wrote. @throws AppError "not_found". */
export async function readTrailRecord(context: ServiceContext, seq: number): Promise<TrailRecord> {
  await authorise(context, "activity:read", `entry ${seq} of the trail`);
  const [event] = await readEventRange(context.database.pool, seq, seq + 1);
  if (!event) throw new AppError("not_found", `The log has no entry ${seq}.`);
  const {
    occurredAt,
    receivedAt,
    body,
    salt: _salt,
    commitments: _commitments,
    eventKey: _key,
    teamKey: _team,
    forgottenBy: _forgottenBy,
    ...rest
  } = event;
  // The row may have other columns now than those that its leaf was made of; the tree has the leaf itself.
  const [leaf] = await readLoggedLeaves(context.database.pool, [seq]);
  const record = openStored(event)?.record ?? null;
  const told = body === null ? findForgetting(await readForgettings(context.database.pool), seq) : undefined;
  return {
    ...rest,
    at: occurredAt.toISOString(),
    receivedAt: receivedAt.toISOString(),
    record: record === null ? null : JSON.parse(new TextDecoder().decode(record)),
    isAsLogged: isAsLogged(event, leaf),
    mfa: record !== null && mayTellMfa(event) ? recordedMfa(event.sourceKey, record) : null,
    leaf: leaf ? toHex(leaf) : null,
    forgotten: told ? { kind: told.kind, rule: told.rule, at: told.at.toISOString(), entry: told.seq } : null,
  };
}
