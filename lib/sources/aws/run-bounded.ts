/**
 * Works through the inputs, so many at a time, and answers in their order. The first failure ends it: what is under way is
 * waited for and nothing more is begun.
 */
export async function runBounded<Input, Output>(
  inputs: readonly Input[],
  concurrency: number,
  work: (input: Input) => Promise<Output>,
): Promise<Output[]> {
  const outputs = new Map<number, Output>();
  const failures: unknown[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < inputs.length && failures.length === 0) {
      const index = next;
      next += 1;
      const [input] = inputs.slice(index, index + 1);
      if (input === undefined) continue;
      try {
        outputs.set(index, await work(input));
      } catch (thrown) {
        failures.push(thrown);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, inputs.length) }, worker));
  if (failures.length > 0) throw failures[0];
  return [...outputs].toSorted(([left], [right]) => left - right).map(([, output]) => output);
}
