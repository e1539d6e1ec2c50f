import { AppError } from "#lib/errors.ts";
import type { AwsClients } from "#lib/sources/aws/client.ts";
import type { AwsPermission } from "#lib/sources/aws/permissions.ts";

/** Pages of one list. AWS gives few entries a page, and none at all where it likes. */
const MAX_PAGES = 5_000;
/** How often a list whose token is no longer accepted is read from its first page again. */
const MAX_RESTARTS = 3;

export type AwsPage<T> = { items: readonly T[] | undefined; nextToken: string | undefined };
export type AskPage<T> = (token: { NextToken?: string }, options: { abortSignal: AbortSignal }) => Promise<AwsPage<T>>;

/**
 * All entries of a paged list. An empty page that has a token is normal and not the end.
 *
 * @param permission the IAM action that the list needs.
 * @throws AppError as the classification of AWS's errors has it, "unavailable" where no reading of the pages comes to its end.
 */
export async function listPages<T>(clients: AwsClients, permission: AwsPermission, ask: AskPage<T>): Promise<T[]> {
  for (let reading = 0; reading <= MAX_RESTARTS; reading += 1) {
    const items = await readPages(clients, permission, ask);
    if (items !== null) return items;
  }
  throw new AppError(
    "unavailable",
    `AWS gave up the pages of ${permission.action} again and again while they were read.`,
    { remedy: "The next run tries again." },
  );
}

/** All pages, or null where AWS no longer takes the token of the next one. */
async function readPages<T>(clients: AwsClients, permission: AwsPermission, ask: AskPage<T>): Promise<T[] | null> {
  const items: T[] = [];
  let token: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const sent = token;
    const answer = await clients.attempt(permission, (options) =>
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
  throw new AppError("limit_reached", `The answer of ${permission.action} has more than ${MAX_PAGES} pages.`);
}

/** Organizations says it by a reason, AWS Config by an error of its own. */
function isStaleToken(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false;
  if (thrown.name === "InvalidNextTokenException") return true;
  return thrown.name === "InvalidInputException" && "Reason" in thrown && thrown.Reason === "INVALID_NEXT_TOKEN";
}
