import { AppError } from "#lib/errors.ts";
import { z } from "zod";
import { ExpiredPage } from "#lib/sources/kubernetes/classify-error.ts";
import type { KubernetesClient } from "#lib/sources/kubernetes/client.ts";
import { nameOf, pathOf, rbacLineOf, type ListedKind } from "#lib/sources/kubernetes/kinds.ts";

/** Times that one list is begun anew because its revision was forgotten. Each time its pages are twice as large, so that it ends sooner. */
const MAX_RESTARTS = 5;
const LARGEST_PAGE = 5000;
/** With the smallest pages this is a million objects, more than an API server holds of a kind. */
const MAX_PAGES = 1_000_000;

const page = z.object({
  metadata: z.object({ continue: z.string().nullish() }).nullish(),
  items: z.array(z.unknown()).nullish(),
});

/** Takes the items of a list one by one, and has what became of them. */
export type Fold<Item, Result> = { add(item: Item): void; result(): Result };

export type ListOptions = { pageSize: number; metadataOnly?: boolean };

/**
 * Folds all objects of a kind, over all namespaces, page by page: nothing but the page and what the fold keeps is held.
 *
 * A list whose revision the server has forgotten (410) is begun anew with a new fold, so that nothing counts twice and nothing is
 * left out. The server's own offer to go on regardless is not taken, for what changed meanwhile would be missing or doubled.
 *
 * @throws AppError as the client does; "bad_data" for an object without the shape, "limit_reached" where a list never ends.
 */
export async function foldList<Item, Result>(
  client: KubernetesClient,
  kind: ListedKind,
  shape: z.ZodType<Item>,
  begin: () => Fold<Item, Result>,
  options: ListOptions,
): Promise<Result> {
  let { pageSize } = options;
  for (let restart = 0; restart <= MAX_RESTARTS; restart += 1) {
    try {
      return await foldOnce(client, kind, shape, begin(), { ...options, pageSize });
    } catch (thrown) {
      if (!(thrown instanceof ExpiredPage)) throw thrown;
      pageSize = Math.min(pageSize * 2, LARGEST_PAGE);
    }
  }
  throw new AppError(
    "limit_reached",
    `The list of ${nameOf(kind)} in ${client.key} expired ${MAX_RESTARTS + 1} times.`,
    {
      remedy: "Raise the source's pageSize; the next run tries again.",
    },
  );
}

async function foldOnce<Item, Result>(
  client: KubernetesClient,
  kind: ListedKind,
  shape: z.ZodType<Item>,
  fold: Fold<Item, Result>,
  { pageSize, metadataOnly = false }: ListOptions,
): Promise<Result> {
  const needed = { kind: nameOf(kind), why: kind.why, rbacLine: rbacLineOf(kind) };
  const askFor = async (token: string) => {
    const query = { limit: String(pageSize), ...(token === "" ? {} : { continue: token }) };
    return readPage(await client.ask(pathOf(kind), needed, { query, metadataOnly }), client, kind);
  };
  let current = await askFor("");
  for (let pages = 1; pages <= MAX_PAGES; pages += 1) {
    // The next page is under way while this one is worked through; one that fails is looked at when its turn comes.
    const next = current.token === "" ? null : askFor(current.token);
    next?.catch(() => {});
    for (const item of current.items) fold.add(readItem(item, shape, client, kind));
    if (next === null) return fold.result();
    current = await next;
  }
  throw new AppError("limit_reached", `The list of ${nameOf(kind)} in ${client.key} has no end.`);
}

function readPage(answer: unknown, client: KubernetesClient, kind: ListedKind): { token: string; items: unknown[] } {
  const read = page.safeParse(answer);
  if (!read.success)
    throw new AppError(
      "bad_data",
      `The cluster ${client.key} answered for ${nameOf(kind)} with something that is no list.`,
    );
  return { token: read.data.metadata?.continue ?? "", items: read.data.items ?? [] };
}

function readItem<Item>(item: unknown, shape: z.ZodType<Item>, client: KubernetesClient, kind: ListedKind): Item {
  const read = shape.safeParse(item);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new AppError(
    "bad_data",
    `The cluster ${client.key} listed ${nameOf(kind)} in a shape that is not theirs: ${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}.`,
  );
}
