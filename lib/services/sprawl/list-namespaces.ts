import { readSummaryPage, type Listed } from "#lib/db/sprawl/list-namespaces.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { MOST_PAGE_ROWS, type NamespacePage, type SprawlQuery } from "#lib/services/sprawl/sprawl-view.ts";
import { toNamespaceRow } from "#lib/services/sprawl/to-namespace-row.ts";

/** One page of the list of namespaces. A member sees those of the own team. */
export async function listNamespaces(context: ServiceContext, query: SprawlQuery): Promise<NamespacePage> {
  await authorise(context, "sprawl:read", "namespaces");
  return readPage(context, query);
}

/** The page for a caller who has asked for permission already. */
export async function readPage(context: ServiceContext, query: SprawlQuery): Promise<NamespacePage> {
  const { pool } = context.database;
  const offset = Math.max(0, query.offset);
  const limit = Math.min(Math.max(0, query.limit), MOST_PAGE_ROWS);
  const { sort, descending } = query;
  const { rows, total } = await readSummaryPage(pool, listedOf(context, query), { sort, descending, offset, limit });
  return { rows: rows.map(toNamespaceRow), total, offset };
}

/** What of the list the query and the actor leave. */
export function listedOf(context: ServiceContext, query: SprawlQuery): Listed {
  const { teams, clusters, providers, strengths, states, ages, asOf } = query;
  const { role, teamKey } = context.actor;
  return {
    filters: {
      teams,
      clusters,
      providers,
      strengths,
      states,
      ages,
      search: query.search.trim(),
      only: role === "member" ? { teamKey } : null,
    },
    asOf,
    now: asOf ?? context.now,
  };
}
