import { formatCount } from "#lib/domain/format.ts";
import type { TextsOfTable } from "#lib/services/trail/people/pseudonym-view.ts";
import type { PseudonymOrderView } from "#lib/services/trail/retention/retention-view.ts";

/** What keeps a name because of holds although a pseudonym is ordered; "" where nothing does. `tense`: before the order, or after it. */
export function waitingWords(tables: readonly TextsOfTable[], tense: "will" | "did"): string {
  const texts = tables.reduce((sum, { waits }) => sum + waits, 0);
  if (texts === 0) return "";
  const holds = [...new Set(tables.flatMap((table) => table.holds))].toSorted((a, b) => a - b);
  const [made, they] = texts === 1 ? ["was", "it"] : ["were", "they"];
  const keep = tense === "will" ? "will keep" : texts === 1 ? "keeps" : "keep";
  return `${textsOf(texts)} that ${made} made of events ${keep} the name, as ${they} may tell of what ${holdsWords(holds)}. Order it again once that is over.`;
}

/** What is left to do of an order; null where nothing is. */
export function leftWords(left: PseudonymOrderView["left"]): string | null {
  if (left === null) return null;
  const { isCutOff, hasHeld, texts, holds } = left;
  if (isCutOff)
    return "Not finished: it has not come to the end of the log. Unless it is still on its way, order it again.";
  const kept = [
    ...(hasHeld ? ["events that are held"] : []),
    ...(texts === null ? ["texts made of events"] : texts === 0 ? [] : [`${textsOf(texts)} made of events`]),
  ].join(" and ");
  if (hasHeld || texts === null) return `Not finished: ${kept} kept the name. Order it again once the holds are over.`;
  if (holds.length > 0)
    return `Not finished: ${kept} kept the name and ${texts === 1 ? "waits" : "wait"} for ${numbers(holds)}. Order it again once that is over.`;
  return `Not finished: ${kept} kept the name, and nothing holds ${texts === 1 ? "it" : "them"} any more. Order it again.`;
}

function textsOf(count: number): string {
  return `${formatCount(count)} ${count === 1 ? "text" : "texts"}`;
}

function holdsWords(holds: readonly number[]): string {
  return `${numbers(holds)} ${holds.length === 1 ? "is" : "are"} about`;
}

/** "hold 3", "holds 3 and 5". */
function numbers(holds: readonly number[]): string {
  const list = new Intl.ListFormat("en-GB").format(holds.map(String));
  return `${holds.length === 1 ? "hold" : "holds"} ${list}`;
}
