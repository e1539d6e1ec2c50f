import type { GetCostAndUsage$ } from "@aws-sdk/client-cost-explorer";

/** One operation as the AWS SDK's own model describes it: what goes in and what comes out. */
export type OperationSchema = typeof GetCostAndUsage$;
type SchemaRef = OperationSchema[4];
/** The tuples that start with their kind, as opposed to the pairs. */
type StaticSchema = Extract<SchemaRef, readonly [number, string, ...unknown[]]>;

/** Why an input does not fit the model, in the words that AWS's own front ends use. */
export type ModelRefusal = { code: "SerializationException" | "ValidationException"; message: string };

type Shape =
  | { kind: "string" | "number" | "boolean" | "timestamp" | "anything" }
  | { kind: "list" | "map"; value: SchemaRef }
  | { kind: "structure"; members: ReadonlyMap<string, SchemaRef>; required: readonly string[] };

/** Numbers that stand for simple shapes, and what turns one into a list or a map of it. */
const SIMPLE_SHAPES: Record<number, "string" | "number" | "boolean" | "timestamp"> = {
  0: "string",
  1: "number",
  2: "boolean",
  4: "timestamp",
  5: "timestamp",
  6: "timestamp",
  7: "timestamp",
  17: "number",
  19: "number",
  21: "string",
};
const LIST_MODIFIER = 64;
const MAP_MODIFIER = 128;
const NAME_OF_TYPE = { string: "STRING_VALUE", number: "NUMBER_VALUE", boolean: "TRUE_VALUE" } as const;

/** Checks an input against its operation: unknown fields, missing mandatory ones, wrong types. Null where it fits. */
export function refuseInput(operation: OperationSchema, input: unknown): ModelRefusal | null {
  return refuseValue(operation[4], input, "");
}

/** Checks an answer of a demo server, so that a field that no SDK would read is our mistake and not a silent one. */
export function refuseOutput(operation: OperationSchema, output: unknown): ModelRefusal | null {
  return refuseValue(operation[5], output, "");
}

/** An input of the query protocol, whose parameters are all text: numbers, flags, and lists as "Tags.member.1.Key". */
export function inputOfParameters(operation: OperationSchema, parameters: URLSearchParams): unknown {
  const tree: ParameterTree = {};
  for (const [name, value] of parameters) {
    if (name === "Action" || name === "Version") continue;
    const path = name.split(".");
    let node = tree;
    for (const step of path.slice(0, -1)) {
      const next = node[step];
      node = typeof next === "object" ? next : (node[step] = {});
    }
    node[path.at(-1) ?? name] = value;
  }
  return typed(operation[4], tree);
}

type ParameterTree = { [name: string]: string | ParameterTree };

function typed(ref: SchemaRef, value: string | ParameterTree): unknown {
  const shape = shapeOf(ref);
  if (typeof value === "string") {
    if (shape.kind === "number" && /^-?\d+(\.\d+)?$/.test(value)) return Number(value);
    return shape.kind === "boolean" && /^(true|false)$/.test(value) ? value === "true" : value;
  }
  if (shape.kind === "list")
    return Object.values(typeof value["member"] === "object" ? value["member"] : value).map((item) =>
      typed(shape.value, item),
    );
  if (shape.kind !== "structure") return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => {
      const member = shape.members.get(name);
      return [name, member === undefined ? item : typed(member, item)];
    }),
  );
}

function refuseValue(ref: SchemaRef, value: unknown, place: string): ModelRefusal | null {
  const shape = shapeOf(ref);
  switch (shape.kind) {
    case "anything":
      return null;
    case "timestamp":
      return value instanceof Date || typeof value === "number" || typeof value === "string"
        ? null
        : refuseType(value, "Timestamp");
    case "string":
    case "number":
    case "boolean":
      return typeof value === shape.kind ? null : refuseType(value, titled(shape.kind));
    case "list":
      if (!Array.isArray(value)) return refuseType(value, "List");
      return firstOf(value, (item, index) => refuseValue(shape.value, item, `${place}.${index + 1}.member`));
    case "map":
      if (!isRecord(value)) return refuseType(value, "Map");
      return firstOf(Object.entries(value), ([name, item]) => refuseValue(shape.value, item, `${place}.${name}`));
    case "structure":
      return isRecord(value) ? refuseStructure(shape, value, place) : refuseType(value, "Structure");
  }
}

function refuseStructure(
  shape: Extract<Shape, { kind: "structure" }>,
  value: Record<string, unknown>,
  place: string,
): ModelRefusal | null {
  const at = (name: string) => `${place === "" ? "" : `${place}.`}${name.slice(0, 1).toLowerCase()}${name.slice(1)}`;
  const missing = shape.required.filter((name) => value[name] === undefined || value[name] === null);
  if (missing.length > 0)
    return {
      code: "ValidationException",
      message: `${missing.length} validation error${missing.length === 1 ? "" : "s"} detected: ${missing
        .map((name) => `Value null at '${at(name)}' failed to satisfy constraint: Member must not be null`)
        .join("; ")}`,
    };
  return firstOf(Object.entries(value), ([name, item]) => {
    const member = shape.members.get(name);
    if (member === undefined)
      return {
        code: "ValidationException",
        message: `1 validation error detected: Value at '${at(name)}' failed to satisfy constraint: Unknown member`,
      };
    return item === undefined || item === null ? null : refuseValue(member, item, at(name));
  });
}

function refuseType(value: unknown, wanted: string): ModelRefusal {
  const given = Array.isArray(value)
    ? "START_ARRAY"
    : typeof value === "string" || typeof value === "number" || typeof value === "boolean"
      ? NAME_OF_TYPE[typeof value as keyof typeof NAME_OF_TYPE]
      : "START_OBJECT";
  return { code: "SerializationException", message: `${given} can not be converted to ${wanted}` };
}

/** Large answers ask for the same few shapes thousands of times. */
const KNOWN_SHAPES = new WeakMap<object, Shape>();

/** Reads the SDK's compact form: a number is a simple shape, a pair a shape with traits, the rest starts with its kind. */
function shapeOf(ref: SchemaRef): Shape {
  const schema = typeof ref === "function" ? ref() : ref;
  if (typeof schema === "number") return simpleShape(schema);
  if (!Array.isArray(schema)) return { kind: "anything" };
  if (schema.length === 2) return shapeOf(schema[0]);
  const known = KNOWN_SHAPES.get(schema);
  if (known) return known;
  const shape = readShape(schema);
  KNOWN_SHAPES.set(schema, shape);
  return shape;
}

function readShape(schema: StaticSchema): Shape {
  switch (schema[0]) {
    case 0:
      return shapeOf(schema[4]);
    case 1:
      return { kind: "list", value: schema[4] };
    case 2:
      return { kind: "map", value: schema[5] };
    case 3:
      return {
        kind: "structure",
        members: new Map(
          schema[4].flatMap((name, index) => {
            const member = schema[5][index];
            return member === undefined ? [] : [[name, member] as const];
          }),
        ),
        required: schema[4].slice(0, schema[6] ?? 0),
      };
    default:
      return { kind: "anything" };
  }
}

function simpleShape(number: number): Shape {
  if ((number & MAP_MODIFIER) !== 0) return { kind: "map", value: number & ~MAP_MODIFIER };
  if ((number & LIST_MODIFIER) !== 0) return { kind: "list", value: number & ~LIST_MODIFIER };
  return { kind: SIMPLE_SHAPES[number] ?? "anything" };
}

function firstOf<T>(items: readonly T[], refuse: (item: T, index: number) => ModelRefusal | null): ModelRefusal | null {
  for (const [index, item] of items.entries()) {
    const refusal = refuse(item, index);
    if (refusal) return refusal;
  }
  return null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function titled(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}
