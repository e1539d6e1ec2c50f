import { z } from "zod";
import { ACCOUNT_STANDINGS, OWNER_FILTERS } from "#lib/services/accounts/account-filters.ts";
import type { AccountsQuery } from "#lib/services/accounts/accounts-view.ts";
import { parseSpendState, toSpendQuery, type RawParams } from "#app/(dashboard)/spend/search-params.ts";
import type { AccountsState } from "#app/(dashboard)/spend/accounts/accounts-state.ts";

/** Longer texts find nothing that shorter ones do not. */
const LONGEST_TEXT = 200;

const one = z
  .union([z.string(), z.array(z.string())])
  .transform((value) => (typeof value === "string" ? value : value.at(-1)));
const text = one.pipe(z.string().min(1).max(LONGEST_TEXT)).nullable().catch(null).default(null);

const SCHEMA = z.object({
  unit: text,
  state: one
    .pipe(z.string().regex(/^[a-z_]{1,40}$/))
    .nullable()
    .catch(null)
    .default(null),
  presence: one.pipe(z.enum(ACCOUNT_STANDINGS)).nullable().catch(null).default(null),
  owner: one.pipe(z.enum(OWNER_FILTERS)).nullable().catch(null).default(null),
  find: one.pipe(z.string().max(LONGEST_TEXT)).catch("").default(""),
  look: one.pipe(z.enum(["units", "list"])).catch("units"),
  account: text,
});

/** Reads the question from search parameters. What cannot be read falls back to its default; a wrong period is an error. */
export function parseAccountsState(raw: RawParams, now: Date): AccountsState {
  const { unit, state, presence, owner, find, look, account } = SCHEMA.parse(raw);
  // What only /spend knows is dropped, so that equal questions have equal links.
  const spend = parseSpendState(raw, now);
  return {
    spend: { ...spend, groupBy: "team", granularity: null, kinds: [], view: "chart", sheet: null },
    filters: { unit, state, presence, owner, find },
    look,
    account,
  };
}

/** The question as services take it. Throws AppError("invalid_input") on days that do not exist. */
export function toAccountsQuery(state: AccountsState): AccountsQuery {
  const { from, to, basis, compare, currency, filters, asOf } = toSpendQuery(state.spend);
  return { from, to, basis, compare, currency, filters, asOf };
}
