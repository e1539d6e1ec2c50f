/** A look at a part that went well: it speaks from `at` until before `goodUntil`. Milliseconds. */
export type GoodLook = { at: number; goodUntil: number };

export type Gap = { from: number; to: number | null };

/**
 * The stretches between the first look and `until` that no look speaks for. Before the first look nothing was observed by us, which is no
 * gap: there the source's own record is all that there is. The looks come in order; `to` is null where the gap goes on at `until`.
 */
export function gapsOf(looks: readonly GoodLook[], until: number): Gap[] {
  const gaps: Gap[] = [];
  let known: number | null = null;
  for (const look of looks) {
    if (look.at > until) break;
    if (known !== null && look.at > known) gaps.push({ from: known, to: look.at });
    // What a later look says goes for the time after it, so that an earlier, longer promise no longer counts.
    known = look.goodUntil;
  }
  if (known !== null && known <= until) gaps.push({ from: known, to: null });
  return gaps;
}

/** Whether an instant lies in one of the gaps. */
export function isInGap(gaps: readonly Gap[], instant: number): boolean {
  return gaps.some(({ from, to }) => from <= instant && (to === null || instant < to));
}
