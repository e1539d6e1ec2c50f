import type { z } from "zod";
import { AppError } from "#lib/errors.ts";
import type { YamlText } from "#lib/yaml-text.ts";

/** Parses what a framework's file holds. Throws AppError("invalid_input") that names file, line, path and value of the first mistake. */
export function parseContent<T>(schema: z.ZodType<T>, yaml: YamlText, file: string): T {
  if (yaml.broken) throw refusal(file, yaml.broken.message, { line: yaml.broken.line });
  const parsed = schema.safeParse(yaml.content);
  if (parsed.success) return parsed.data;

  const [issue] = parsed.error.issues;
  const unknownKey = issue?.code === "unrecognized_keys" ? issue.keys[0] : undefined;
  const path = [...(issue?.path ?? []), ...(unknownKey === undefined ? [] : [unknownKey])];
  const message = unknownKey === undefined ? (issue?.message ?? "it is not valid") : `there is no "${unknownKey}" here`;
  const value = path.reduce<unknown>(
    (found, key) => (typeof found === "object" && found !== null ? Reflect.get(found, key) : undefined),
    yaml.content,
  );
  throw refusal(file, message, {
    line: yaml.lineOf(path),
    column: path.map(String).join("."),
    ...(typeof value === "string" || typeof value === "number" ? { value: String(value) } : {}),
  });
}

export function refusal(
  file: string,
  what: string,
  place: { line: number; column?: string; value?: string },
): AppError {
  const at = place.column ? `, ${place.column}` : "";
  return new AppError("invalid_input", `${file}, line ${place.line}${at}: ${what}.`, {
    remedy: "Correct the file and try again; lib/frameworks/README.md describes the format.",
    place: { file, ...place },
  });
}
