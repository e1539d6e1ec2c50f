import type { FoundClaim } from "#lib/domain/ownership/account-claims.ts";

/** A claim before it is known when it was read, with the instant since which it holds at the latest; null = unknown. */
export type DatedClaim = FoundClaim & { from: Date | null };
