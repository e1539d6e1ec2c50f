import type { Kind } from "#demo/kubernetes/kinds.ts";
import { qualifiedResource } from "#demo/kubernetes/kinds.ts";
import { keyOf, type KubernetesObject } from "#demo/kubernetes/object.ts";

/** One write, as watches see it. */
export type Change = {
  type: "ADDED" | "MODIFIED" | "DELETED";
  revision: number;
  object: KubernetesObject;
  /** What it was before; null where it is new. */
  previous: KubernetesObject | null;
};

/** The objects of one cluster with one counter of revisions for all kinds, as etcd has it. */
export type Store = {
  revision(): number;
  get(kind: Kind, namespace: string | undefined, name: string): KubernetesObject | null;
  /** In the order of their keys. The array is never changed: it stays the list of its revision. */
  list(kind: Kind): readonly KubernetesObject[];
  /** Stores it under a new revision and returns what was stored. */
  put(kind: Kind, object: KubernetesObject): KubernetesObject;
  remove(kind: Kind, namespace: string | undefined, name: string): KubernetesObject | null;
  /** Keeps the list of now for later pages of it. */
  hold(kind: Kind): number;
  /** The list as it was at a revision; null where it is no longer kept. */
  held(kind: Kind, revision: number): readonly KubernetesObject[] | null;
  /** Changes after a revision; null where it is too old. */
  changesSince(kind: Kind, revision: number): Change[] | null;
  subscribe(kind: Kind, listener: (change: Change) => void): () => void;
  /** Forgets held lists and changes, as etcd does every five minutes. */
  compact(): void;
};

/** So high that "1" is always too old. */
const FIRST_REVISION = 1_000_000;
const MOST_CHANGES = 20_000;
const MOST_HELD_LISTS = 200;

type Shelf = { objects: Map<string, KubernetesObject>; sorted: readonly KubernetesObject[] | null };

export function createStore(): Store {
  const shelves = new Map<string, Shelf>();
  const listeners = new Map<string, Set<(change: Change) => void>>();
  const heldLists = new Map<string, readonly KubernetesObject[]>();
  let changes: { kind: string; change: Change }[] = [];
  let revision = FIRST_REVISION;
  let compacted = FIRST_REVISION;

  function shelfOf(kind: Kind): Shelf {
    const id = qualifiedResource(kind);
    const shelf = shelves.get(id) ?? { objects: new Map<string, KubernetesObject>(), sorted: null };
    shelves.set(id, shelf);
    return shelf;
  }

  function record(kind: Kind, change: Change): void {
    const id = qualifiedResource(kind);
    changes.push({ kind: id, change });
    if (changes.length > MOST_CHANGES) {
      const dropped = changes.splice(0, MOST_CHANGES / 2);
      compacted = dropped.at(-1)?.change.revision ?? compacted;
    }
    // A set may lose members while it is walked through.
    for (const listener of listeners.get(id) ?? []) listener(change);
  }

  function list(kind: Kind): readonly KubernetesObject[] {
    const shelf = shelfOf(kind);
    shelf.sorted ??= [...shelf.objects]
      .toSorted(([left], [right]) => (left < right ? -1 : 1))
      .map(([, object]) => object);
    return shelf.sorted;
  }

  return {
    revision: () => revision,
    list,
    get: (kind, namespace, name) => shelfOf(kind).objects.get(keyOf(namespace, name)) ?? null,
    put: (kind, object) => {
      const shelf = shelfOf(kind);
      const key = keyOf(object.metadata.namespace, object.metadata.name);
      const previous = shelf.objects.get(key) ?? null;
      revision += 1;
      const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } };
      shelf.objects.set(key, stored);
      shelf.sorted = null;
      record(kind, { type: previous === null ? "ADDED" : "MODIFIED", revision, object: stored, previous });
      return stored;
    },
    remove: (kind, namespace, name) => {
      const shelf = shelfOf(kind);
      const key = keyOf(namespace, name);
      const previous = shelf.objects.get(key);
      if (!previous) return null;
      revision += 1;
      const object = { ...previous, metadata: { ...previous.metadata, resourceVersion: String(revision) } };
      shelf.objects.delete(key);
      shelf.sorted = null;
      record(kind, { type: "DELETED", revision, object, previous });
      return object;
    },
    hold: (kind) => {
      heldLists.set(`${qualifiedResource(kind)}@${revision}`, list(kind));
      const oldest = heldLists.keys().next().value;
      if (heldLists.size > MOST_HELD_LISTS && oldest !== undefined) heldLists.delete(oldest);
      return revision;
    },
    held: (kind, at) => heldLists.get(`${qualifiedResource(kind)}@${at}`) ?? null,
    changesSince: (kind, since) => {
      if (since < compacted) return null;
      const id = qualifiedResource(kind);
      return changes.flatMap((entry) => (entry.kind === id && entry.change.revision > since ? [entry.change] : []));
    },
    subscribe: (kind, listener) => {
      const id = qualifiedResource(kind);
      const interested = listeners.get(id) ?? new Set();
      listeners.set(id, interested);
      interested.add(listener);
      return () => void interested.delete(listener);
    },
    compact: () => {
      heldLists.clear();
      changes = [];
      compacted = revision;
    },
  };
}
