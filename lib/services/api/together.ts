import { setImmediate } from "node:timers/promises";

/** Answers what `take` gives to the caller among all who ask by the same key before anything else happens, which are at most `most`. */
export type Together<Given> = (
  key: string,
  most: number,
  take: (count: number) => Promise<readonly Given[]>,
) => Promise<Given>;

type Group<Given> = { count: number; taken: Promise<readonly Given[]> };

/** Whoever asks for the same at the same time is given it at once: requests that leave together need not wait for a statement each. */
export function createTogether<Given>(): Together<Given> {
  const open = new Map<string, Group<Given>>();

  function openGroup(key: string, take: (count: number) => Promise<readonly Given[]>): Group<Given> {
    const group: Group<Given> = {
      count: 0,
      taken: setImmediate().then(() => {
        if (open.get(key) === group) open.delete(key);
        return take(group.count);
      }),
    };
    open.set(key, group);
    return group;
  }

  return async (key, most, take) => {
    const there = open.get(key);
    const group = there !== undefined && there.count < most ? there : openGroup(key, take);
    const index = group.count++;
    return (await group.taken)[index] as Given;
  };
}
