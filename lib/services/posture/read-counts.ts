import type { NumberStore } from "#lib/db/posture/number-blocks.ts";
import { keyPlaces, placeOf, type NumbersQuestion } from "#lib/db/posture/numbers-question.ts";
import type { PostureCell } from "#lib/db/posture/posture-cells.ts";
import type { PartGap } from "#lib/db/posture/read-gaps.ts";
import { readNumbers, WIDTH, type NumbersByRule } from "#lib/db/posture/read-numbers.ts";
import { isOpen, waivedCounter, type WaivedCells } from "#lib/services/posture/count-waived.ts";
import { COUNT } from "#lib/services/posture/counts.ts";

/** Counts by rule: a list (see COUNT) by the place of the key in `names`; what lies beyond its end is zero. */
export type CountTable = { names: readonly string[]; byRule: NumbersByRule };

/** The counts at an instant, with what lies in a gap and what is waived taken for what it is. */
export async function readCounts(
  numbers: NumberStore,
  question: NumbersQuestion,
  { at, gaps, waived }: { at: Date; gaps: readonly PartGap[]; waived: WaivedCells },
): Promise<CountTable> {
  const open = gaps.filter((gap) => isOpen(gap, at));
  const [byRule, hidden] = await Promise.all([
    readNumbers(numbers, question, at),
    open.length === 0 ? NOTHING : readNumbers(numbers, { ...question, parts: open }, at),
  ]);
  const waivedAt = waivedCounter(question, { waived, gaps: open });
  const keys = keyPlaces(question.by);
  const move = (ruleId: number, place: number, from: Count, to: Count, count: number) => {
    const list = listOf(byRule, ruleId, place);
    const own = place * WIDTH;
    list[own + COUNT[from]] = (list[own + COUNT[from]] ?? 0) - count;
    list[own + COUNT[to]] = (list[own + COUNT[to]] ?? 0) + count;
  };
  for (const [ruleId, sums] of hidden)
    for (let place = 0; place * WIDTH < sums.length; place += 1)
      for (const verdict of VERDICTS) {
        const count = sums[place * WIDTH + COUNT[verdict]] ?? 0;
        if (count !== 0) move(ruleId, place, verdict, "notEvaluated", count);
      }
  for (const { ruleId, cell, count } of waivedAt(at))
    move(ruleId, placeOf(keys, keyOf(cell, question.by)), "fail", "waived", count);
  return { names: keys.names, byRule };
}

type Count = keyof typeof COUNT;

const VERDICTS = ["pass", "fail", "unknown", "notApplicable"] as const;
const NOTHING: NumbersByRule = new Map();

function keyOf({ teamKey, accountId, clusterKey }: PostureCell, by: NumbersQuestion["by"]): string {
  return { team: teamKey, account: accountId, cluster: clusterKey, none: "" }[by ?? "none"];
}

/** The rule's list, made longer where a key has been met since. */
function listOf(byRule: NumbersByRule, ruleId: number, place: number): Int32Array {
  const known = byRule.get(ruleId);
  if (known && known.length >= (place + 1) * WIDTH) return known;
  const longer = new Int32Array((place + 1) * WIDTH);
  longer.set(known ?? []);
  byRule.set(ruleId, longer);
  return longer;
}
