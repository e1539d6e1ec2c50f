import { z } from "zod";
import {
  AGE_CLASSES,
  NAMESPACE_STATES,
  OWNER_STRENGTHS,
  type SprawlQuery,
  type UnusedQuery,
} from "#lib/services/sprawl/sprawl-view.ts";
import { PAGE_ROWS, readSort, type SprawlState } from "#app/(dashboard)/sprawl/sprawl-state.ts";

export type RawParams = Record<string, string | string[] | undefined>;

/** A filter with more values than this is a report of its own. */
const MOST_VALUES = 500;

/** Kubernetes' names are shorter; what is longer finds nothing. */
const LONGEST_TEXT = 253;

/** No installation has as many namespaces; a longer number is a mistake. */
const OFFSET = /^\d{1,7}$/;

const one = z
  .union([z.string(), z.array(z.string())])
  .transform((value) => (typeof value === "string" ? value : value.at(-1)));
const texts = z
  .union([z.string().transform((value) => [value]), z.array(z.string())])
  .pipe(z.array(z.string().max(LONGEST_TEXT)).max(MOST_VALUES));

/** Of known values those that are known; a link with one that is not shows the rest. */
function values<const Value extends string>(known: readonly Value[]) {
  return texts
    .transform((given) => known.filter((value) => given.includes(value)))
    .catch([])
    .default([]);
}

const SCHEMA = z.object({
  team: texts.catch([]).default([]),
  cluster: texts.catch([]).default([]),
  provider: values(["ecs", "eks", "aks", "gke", "rancher", "other"]),
  owner: values(OWNER_STRENGTHS),
  state: values(NAMESPACE_STATES),
  age: values(AGE_CLASSES),
  find: one.pipe(z.string().trim().max(LONGEST_TEXT)).catch(""),
  sort: one
    .pipe(z.string().regex(/^-?[a-z]+$/))
    .catch("-cost")
    .transform(readSort),
  row: one.pipe(z.string().regex(OFFSET)).transform(Number).catch(0),
  map: one.pipe(z.enum(["teams", "clusters"])).catch("teams"),
  asleep: one.pipe(z.enum(["yes", "no"])).catch("no"),
  asOf: one
    .pipe(z.iso.datetime({ offset: true }))
    .nullable()
    .catch(null),
});

/** Reads the question from search parameters. What cannot be read falls back to its default. */
export function parseSprawlState(raw: RawParams): SprawlState {
  const params = SCHEMA.parse(raw);
  return {
    teams: params.team,
    clusters: params.cluster,
    providers: params.provider,
    strengths: params.owner,
    states: params.state,
    ages: params.age,
    search: params.find,
    ...params.sort,
    offset: params.row,
    map: params.map,
    withAsleep: params.asleep === "yes",
    asOf: params.asOf,
  };
}

/** The question as services take it. */
export function toSprawlQuery(state: SprawlState): SprawlQuery {
  const { map: _map, withAsleep: _withAsleep, asOf, ...asked } = state;
  return { ...asked, limit: PAGE_ROWS, asOf: asOf === null ? null : new Date(asOf) };
}

/** The same for /sprawl/unused. */
export function toUnusedQuery(state: SprawlState): UnusedQuery {
  const { states: _states, ...asked } = toSprawlQuery(state);
  return { ...asked, withAsleep: state.withAsleep };
}
