/** What gives a secret away by its looks alone, whatever it is called. */
const SHAPES: readonly { shape: string; pattern: RegExp }[] = [
  { shape: "a private key", pattern: /-----BEGIN [A-Z ]*PRIVATE KEY-----/ },
  { shape: "an access key of AWS", pattern: /\b(AKIA|ASIA)[0-9A-Z]{16}\b/ },
  { shape: "a signed token", pattern: /\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}/ },
  { shape: "an address with a password in it", pattern: /\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@]+:[^\s/@$]+@/i },
  { shape: "an access token of a Git host", pattern: /\b(gh[pousr]_[A-Za-z0-9]{30,}|glpat-[\w-]{20,})\b/ },
];
/** Longer values are files; their beginning tells enough. */
const LOOKED_AT_CHARACTERS = 4_000;

/** What a value looks like, for the moment in which it is parsed: the value goes no further. Null where it looks like nothing secret. */
export function secretShape(value: string): string | null {
  const beginning = value.slice(0, LOOKED_AT_CHARACTERS);
  return SHAPES.find(({ pattern }) => pattern.test(beginning))?.shape ?? null;
}
