import { AppError } from "#lib/errors.ts";
import { checkTimeStamp, type TimeStamp } from "#lib/reports/bundle/time-stamp.ts";
import type { KeptStamp } from "#lib/services/trail/heads/kept-heads.ts";
import type { TrailDamage } from "#lib/services/trail/verify/trail-damage.ts";

/** A time stamp that holds: so many entries were there at that time. ISO 8601 in UTC. */
export type StampFact = { size: number; at: string; by: string; isTrusted: boolean | null };
/** Of those that hold, by the entries of their heads; every earlier head was there too. */
export type StampSummary = { count: number; first: StampFact; last: StampFact };

type SignedHead = { size: number; text: string };

/** Whether each time stamp is of a head of its name, and by the authority where its certificates (PEM) are given: what is not is damage. */
export async function checkStamps(
  heads: readonly SignedHead[],
  stamps: readonly KeptStamp[],
  authority: string | null,
): Promise<{ damages: TrailDamage[]; summary: StampSummary | null }> {
  const texts = Map.groupBy(heads, ({ size }) => size);
  const damages: TrailDamage[] = [];
  const facts: StampFact[] = [];
  for (const { file, size, response } of stamps.toSorted((a, b) => a.size - b.size)) {
    const found = await checkStamp(texts.get(size) ?? [], response, authority);
    if (typeof found === "string") damages.push(damage(`${file}: ${found}`));
    else if (found.isTrusted === false)
      damages.push(damage(`${file}: the time stamp was not issued by the given authority.`));
    else facts.push({ size, at: found.at.toISOString(), by: found.by, isTrusted: found.isTrusted });
  }
  if (authority !== null && stamps.length === 0) damages.push(damage("None of the heads has a time stamp."));
  const [first, last] = [facts[0], facts.at(-1)];
  return { damages, summary: first && last ? { count: facts.length, first, last } : null };
}

/** Of one of the heads of its size: there are several where somebody put another one over it. Words where it does not hold. */
async function checkStamp(
  heads: readonly SignedHead[],
  response: Uint8Array,
  authority: string | null,
): Promise<TimeStamp | string> {
  let problem = "there is no head that this time stamp is of.";
  for (const { text } of heads)
    try {
      return await checkTimeStamp(response, Buffer.from(text), authority);
    } catch (thrown) {
      if (!(thrown instanceof AppError) || thrown.code !== "bad_data") throw thrown;
      problem = thrown.message;
    }
  return problem;
}

function damage(message: string): TrailDamage {
  return { kind: "stamp", seq: null, message };
}
