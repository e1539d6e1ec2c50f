/** Numbers as PostgreSQL reads an array of them. The driver takes each element apart several times, which for thousands costs more than their query. */
export function numberArray(numbers: readonly number[]): string {
  return `{${numbers.join(",")}}`;
}

/** Texts as PostgreSQL reads an array of them. */
export function textArray(texts: readonly string[]): string {
  const quoted = texts.map((text) => (SPECIAL.test(text) ? text.replaceAll(/["\\]/g, String.raw`\$&`) : text));
  return quoted.length === 0 ? "{}" : `{"${quoted.join('","')}"}`;
}

const SPECIAL = /["\\]/;
