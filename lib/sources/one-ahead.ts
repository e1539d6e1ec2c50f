/** The same in the same order, each asked for before the one ahead of it is done with. */
export async function* oneAhead<T>(iterable: AsyncIterable<T>): AsyncGenerator<T> {
  const items = iterable[Symbol.asyncIterator]();
  let next = items.next();
  try {
    for (let item = await next; item.done !== true; item = await next) {
      next = items.next();
      // Who takes it is told of its failure; until then nobody listens.
      next.catch(() => undefined);
      yield item.value;
    }
  } finally {
    await next.catch(() => undefined);
    await items.return?.();
  }
}
