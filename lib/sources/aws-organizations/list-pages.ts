import { InvalidInputException } from "@aws-sdk/client-organizations";
import { AppError } from "#lib/errors.ts";
import type { AwsClients } from "#lib/sources/aws/client.ts";
import { ORGANIZATIONS_PERMISSIONS, type AwsPermission } from "#lib/sources/aws/permissions.ts";

/** Pages of one list. AWS gives 20 entries a page and fewer, or none at all, where it likes. */
const MAX_PAGES = 5_000;
/** How often a list whose token is no longer accepted is read from its first page again. */
const MAX_RESTARTS = 3;

type Page<T> = { items: readonly T[] | undefined; nextToken: string | undefined };
type AskPage<T> = (token: { NextToken?: string }, options: { abortSignal: AbortSignal }) => Promise<Page<T>>;

/**
 * All entries of a paged list of Organizations. An empty page that has a token is normal and not the end.
 *
 * @param action the IAM action that the list needs, one of ORGANIZATIONS_PERMISSIONS.
 * @throws AppError as the classification of AWS's errors has it, "unavailable" where no reading of the pages comes to its end.
 */
export async function listPages<T>(clients: AwsClients, action: string, ask: AskPage<T>): Promise<T[]> {
  for (let reading = 0; reading <= MAX_RESTARTS; reading += 1) {
    const items = await readPages(clients, action, ask);
    if (items !== null) return items;
  }
  throw new AppError("unavailable", `AWS gave up the pages of ${action} again and again while they were read.`, {
    remedy: "The next run tries again.",
  });
}

/** All pages, or null where AWS no longer takes the token of the next one. */
async function readPages<T>(clients: AwsClients, action: string, ask: AskPage<T>): Promise<T[] | null> {
  const items: T[] = [];
  let token: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const sent = token;
    const answer = await clients.attempt(permissionOf(action), (options) =>
      ask(sent === undefined ? {} : { NextToken: sent }, options).catch((thrown: unknown) => {
        if (sent !== undefined && isStaleToken(thrown)) return null;
        throw thrown;
      }),
    );
    if (answer === null) return null;
    for (const item of answer.items ?? []) items.push(item);
    token = answer.nextToken;
    if (token === undefined || token === "") return items;
  }
  throw new AppError("limit_reached", `The answer of ${action} has more than ${MAX_PAGES} pages.`);
}

function isStaleToken(thrown: unknown): boolean {
  return thrown instanceof InvalidInputException && thrown.Reason === "INVALID_NEXT_TOKEN";
}

/** The permission that an action of this source needs. */
export function permissionOf(action: string): AwsPermission {
  const found = ORGANIZATIONS_PERMISSIONS.find((permission) => permission.action === action);
  if (found === undefined) throw new RangeError(`${action} is not listed`);
  return found;
}
