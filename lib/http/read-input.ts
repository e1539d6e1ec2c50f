import type { z } from "zod";
import { billingPeriod, type BillingPeriod } from "#lib/domain/period.ts";
import { AppError } from "#lib/errors.ts";

/** A rule with many values stays far below this; more is a mistake or an attack. */
const MAX_BODY_CHARACTERS = 1_000_000;

/** The request's JSON body, checked. Throws AppError("invalid_input") that names the first field that is wrong. */
export async function readBody<Schema extends z.ZodType>(request: Request, schema: Schema): Promise<z.output<Schema>> {
  return checked(schema, await readJson(request));
}

/** The request's JSON body, for services that check what they are given themselves. */
export async function readJson(request: Request): Promise<unknown> {
  const text = await request.text();
  if (text.length > MAX_BODY_CHARACTERS) {
    throw new AppError("invalid_input", `The request is longer than ${MAX_BODY_CHARACTERS} characters.`);
  }
  return parseJson(text);
}

/** Search parameters as an object, checked: one value as a string, several as an array. */
export function readParams<Schema extends z.ZodType>(params: URLSearchParams, schema: Schema): z.output<Schema> {
  return checked(schema, paramsToRecord(params));
}

/** A numeric id out of a path. Throws AppError("not_found") on anything else. */
export function readId(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new AppError("not_found", `There is nothing with the id "${text}".`);
}

/** A billing period out of a path. Throws AppError("invalid_input"). */
export function readPeriod(text: string): BillingPeriod {
  if (/^\d{4}-(0[1-9]|1[0-2])$/.test(text)) return billingPeriod(text);
  throw new AppError("invalid_input", `"${text}" is not a billing period of the form 2026-03.`);
}

export function paramsToRecord(params: URLSearchParams): Record<string, string | string[]> {
  const record: Record<string, string | string[]> = {};
  for (const key of new Set(params.keys())) {
    const values = params.getAll(key);
    record[key] = values.length === 1 ? (values[0] ?? "") : values;
  }
  return record;
}

function checked<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const column = issue?.path.join(".") ?? "";
  throw new AppError(
    "invalid_input",
    `${column === "" ? "The request" : `"${column}"`}: ${issue?.message ?? "is not valid"}.`,
    {
      place: column === "" ? {} : { column },
      remedy: "Correct the value and send it again.",
    },
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (thrown) {
    throw new AppError("invalid_input", "The request's body is not JSON.", { cause: thrown });
  }
}
