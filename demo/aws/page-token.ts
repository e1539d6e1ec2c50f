import { createHash, createHmac, randomBytes } from "node:crypto";

/** Where a paginated answer goes on. */
export type PagePlace = {
  /** Number of the page that the token asks for; the first is 1. */
  page: number;
  /** Meaning is the operation's: an index, or several. */
  at: readonly number[];
};

export type PageTokens = {
  issue(request: object, place: PagePlace): string;
  /** "changed" where the token is of another request; "invalid" where it is none of ours, or has expired. */
  read(request: object, token: string): PagePlace | "changed" | "invalid";
};

/** Fields of a request that may differ from page to page. */
const PAGE_FIELDS = new Set(["NextPageToken", "NextToken", "MaxResults", "nextToken", "maxResults"]);

/** Tokens that only this server can make, that hold for one request and for a while. */
export function createPageTokens(lifetimeMs: number, now: () => Date): PageTokens {
  const secret = randomBytes(32);
  const sign = (text: string) => createHmac("sha256", secret).update(text).digest("base64url").slice(0, 22);

  function issue(request: object, { page, at }: PagePlace): string {
    const content = JSON.stringify({ of: fingerprintOf(request), until: now().getTime() + lifetimeMs, page, at });
    return `${Buffer.from(content).toString("base64url")}.${sign(content)}`;
  }

  function read(request: object, token: string): PagePlace | "changed" | "invalid" {
    const [encoded = "", signature = ""] = token.split(".");
    const content = Buffer.from(encoded, "base64url").toString();
    if (signature !== sign(content)) return "invalid";
    const { of, until, page, at } = JSON.parse(content) as { of: string; until: number } & PagePlace;
    if (until <= now().getTime()) return "invalid";
    return of === fingerprintOf(request) ? { page, at } : "changed";
  }

  return { issue, read };
}

function fingerprintOf(request: object): string {
  const asked = Object.entries(request)
    .filter(([name]) => !PAGE_FIELDS.has(name))
    .toSorted(([left], [right]) => (left < right ? -1 : 1));
  return createHash("sha256").update(JSON.stringify(asked)).digest("base64url").slice(0, 16);
}
