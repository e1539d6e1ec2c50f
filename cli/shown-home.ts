import { relative } from "node:path";

/** A home as somebody types it who works in `folder`, in quotes where a shell would read it otherwise. */
export function shownHome(home: string, folder: string): string {
  const below = relative(folder, home);
  const shown = below === "" || below.startsWith("..") ? home : below;
  return /^[\w./-]+$/.test(shown) ? shown : `'${shown.replaceAll("'", String.raw`'\''`)}'`;
}
