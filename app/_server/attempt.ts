import { unstable_rethrow } from "next/navigation";
import { toErrorView, type ErrorView } from "#lib/http/error-view.ts";

export type Attempt<T> = { value: T; error: null } | { value: null; error: ErrorView };

/**
 * What a panel shows: the answer of a service, or its error in words. React hides the message of an error that is
 * thrown while rendering on a server; a person should read what happened and what to do.
 */
export async function attempt<T>(work: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return { value: await work(), error: null };
  } catch (thrown) {
    // Redirects travel as exceptions and belong to the framework.
    unstable_rethrow(thrown);
    return { value: null, error: toErrorView(thrown) };
  }
}
