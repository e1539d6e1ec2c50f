import type { StoredEvent } from "#lib/db/trail/read-event-range.ts";
import { wordsOf } from "#lib/domain/trail/event-terms.ts";
import type { TrailEvent } from "#lib/domain/trail/trail-event.ts";
import { cloudTrailRecord } from "#lib/sources/aws-cloudtrail/api-types.ts";
import { toTrailEvent } from "#lib/sources/aws-cloudtrail/normalize.ts";

const SIGN_IN = ":ConsoleLogin";
/** What the index finds every sign-in by, and little else. */
export const SIGN_IN_WORDS = wordsOf(SIGN_IN);

/** Whether an event can say anything of a second factor: most cannot, and their records need not be read. */
export function mayTellMfa({ action, mfa }: Pick<StoredEvent, "action" | "mfa">): boolean {
  return mfa !== null || action.endsWith(SIGN_IN);
}

/**
 * What a record itself says of a second factor. The column that is searched stands in no leaf, so that only this is proven: the leaf commits to
 * the record.
 */
export function recordedMfa(sourceKey: string, record: Uint8Array): TrailEvent["mfa"] {
  try {
    const parsed = cloudTrailRecord.safeParse(JSON.parse(new TextDecoder().decode(record)));
    return parsed.success ? toTrailEvent(sourceKey, parsed.data, record).mfa : null;
  } catch {
    return null;
  }
}
