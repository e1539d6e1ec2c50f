import type { z } from "zod";
import { AppError } from "#lib/errors.ts";
import type { UnknownKind } from "#lib/sources/cluster-inventory.ts";
import type { Metadata } from "#lib/sources/kubernetes/api-types.ts";
import type { KubernetesClient } from "#lib/sources/kubernetes/client.ts";
import { nameOf, rbacLineOf, type ListedKind } from "#lib/sources/kubernetes/kinds.ts";
import { foldList, type Fold, type ListOptions } from "#lib/sources/kubernetes/list-pages.ts";

/** Lists of one cluster that are read at once. An API server gives each client few seats. */
const LISTS_AT_ONCE = 4;

/** Values by the namespace that they are in; null where their kind could not be read. */
export type ByNamespace<Value> = ReadonlyMap<string, Value[]> | null;

/** Reads kinds of one cluster, and keeps what could not be read. */
export type KindReader = {
  client: KubernetesClient;
  unknown: UnknownKind[];
  /** What the fold makes of all objects of a kind; null, and an entry in `unknown`, where the kind cannot be read. */
  fold<Item, Result>(
    kind: ListedKind,
    shape: z.ZodType<Item>,
    begin: () => Fold<Item, Result>,
    options?: Pick<ListOptions, "metadataOnly">,
  ): Promise<Result | null>;
  /** All objects of a kind, each as what `convert` makes of it. Those that are null are left out. */
  all<Item, Value>(
    kind: ListedKind,
    shape: z.ZodType<Item>,
    convert: (item: Item) => Value | null,
  ): Promise<Value[] | null>;
  /** The same by namespace. */
  group<Item extends { metadata: Metadata }, Value>(
    kind: ListedKind,
    shape: z.ZodType<Item>,
    convert: (item: Item) => Value | null,
  ): Promise<ByNamespace<Value>>;
};

export function kindReader(client: KubernetesClient, pageSize: number): KindReader {
  const unknown: UnknownKind[] = [];
  const inTurn = seats(LISTS_AT_ONCE);

  const fold: KindReader["fold"] = async (kind, shape, begin, options = {}) => {
    try {
      return await inTurn(() => foldList(client, kind, shape, begin, { pageSize, ...options }));
    } catch (thrown) {
      unknown.push(unknownKind(kind, thrown));
      return null;
    }
  };
  function all<Item, Value>(
    kind: ListedKind,
    shape: z.ZodType<Item>,
    convert: (item: Item) => Value | null,
  ): Promise<Value[] | null> {
    return fold(kind, shape, () => {
      const values: Value[] = [];
      return {
        add: (item) => {
          const value = convert(item);
          if (value !== null) values.push(value);
        },
        result: () => values,
      };
    });
  }

  function group<Item extends { metadata: Metadata }, Value>(
    kind: ListedKind,
    shape: z.ZodType<Item>,
    convert: (item: Item) => Value | null,
  ): Promise<ByNamespace<Value>> {
    return fold(kind, shape, () => {
      const values = new Map<string, Value[]>();
      return {
        add: (item) => {
          const value = convert(item);
          if (value !== null) valuesAt(values, item.metadata.namespace ?? "").push(value);
        },
        result: () => values,
      };
    });
  }

  return { client, unknown, fold, all, group };
}

/** The list of a namespace, made where there is none yet. */
export function valuesAt<Value>(map: Map<string, Value[]>, namespace: string): Value[] {
  const found = map.get(namespace);
  if (found !== undefined) return found;
  const made: Value[] = [];
  map.set(namespace, made);
  return made;
}

/**
 * What a kind's failure makes unknown.
 *
 * @throws what is the failure of the whole cluster: credentials that are not accepted, a cancelled run, a mistake of ours.
 */
function unknownKind(kind: ListedKind, thrown: unknown): UnknownKind {
  if (!(thrown instanceof AppError)) throw thrown;
  const { code, message } = thrown;
  const name = nameOf(kind);
  switch (code) {
    case "denied":
      return { kind: name, reason: "denied", rbacLine: rbacLineOf(kind), message };
    case "not_found":
      return { kind: name, reason: "not-served", rbacLine: null, message };
    case "throttled":
    case "unavailable":
    case "bad_data":
    case "limit_reached":
      return { kind: name, reason: "failed", rbacLine: null, message };
    default:
      throw thrown;
  }
}

/** Lets so many works in at a time, the others in the order in which they came. */
export function seats(count: number): <Result>(work: () => Promise<Result>) => Promise<Result> {
  const waiting: (() => void)[] = [];
  let free = count;
  return async (work) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}
