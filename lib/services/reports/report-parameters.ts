import { z } from "zod";
import type { Permission } from "#lib/access/permissions.ts";
import { readLogHead } from "#lib/db/reports/read-log-head.ts";
import { readFrontier } from "#lib/db/trail/merkle-tiles.ts";
import { AppError } from "#lib/errors.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import { TRAIL_SEARCH } from "#lib/services/trail/search/trail-search.ts";
import {
  COMPLIANCE_FORMATS,
  REPORT_FORMATS,
  REPORT_KINDS,
  type ReportKind,
  type ReportParameters,
} from "#lib/services/reports/report-view.ts";

export const PERMISSION_OF_KIND: Record<ReportKind, Permission> = {
  compliance: "compliance:export",
  namespaces: "sprawl:export",
  access: "sprawl:export",
  allocation: "spend:export",
  changes: "activity:read",
  trail: "activity:read",
};

export const TITLE_OF_KIND: Record<ReportKind, string> = {
  compliance: "Compliance",
  namespaces: "Namespace inventory",
  access: "Access review",
  allocation: "Cost allocation",
  changes: "Change log",
  trail: "Search of the audit trail",
};

const MOST_VALUES = 500;
const values = z.array(z.string().max(300)).max(MOST_VALUES).default([]);

const draftSchema = z.object({
  kind: z.enum(REPORT_KINDS),
  formats: z.array(z.enum(REPORT_FORMATS)).min(1).optional(),
  asOf: z.iso.datetime().nullable().default(null),
  /** Half-open UTC days. */
  from: z.iso.date().nullable().default(null),
  to: z.iso.date().nullable().default(null),
  frameworkId: z.string().min(1).nullable().default(null),
  teams: values,
  accounts: values,
  clusters: values,
  environments: values,
  controls: values,
  throughEntry: z
    .string()
    .regex(/^\d{1,18}$/)
    .nullable()
    .default(null),
  trail: TRAIL_SEARCH.nullable().default(null),
});

const parametersSchema = z.object({
  kind: z.enum(REPORT_KINDS),
  formats: z.array(z.enum(REPORT_FORMATS)),
  asOf: z.iso.datetime(),
  period: z.object({ from: z.iso.datetime(), to: z.iso.datetime() }).nullable(),
  frameworkId: z.string().nullable(),
  filters: z.object({ teams: values, accounts: values, clusters: values, environments: values, controls: values }),
  throughEntry: z.string().nullable(),
  // Reports that were asked for before there were any of the trail do not have it.
  trail: TRAIL_SEARCH.nullable().default(null),
  onlyTeam: z.string().nullable(),
});

/** What the database keeps, checked again: it is an edge as well. */
export function storedParameters(value: unknown): ReportParameters {
  return parametersSchema.parse(value);
}

/**
 * What was asked, with every instant fixed and every list in one order.
 *
 * @throws AppError "invalid_input" that names the field.
 */
export async function resolveParameters(context: ServiceContext, input: unknown): Promise<ReportParameters> {
  const parsed = draftSchema.safeParse(input);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw refused(issue?.path.join(".") ?? "", issue?.message ?? "is not valid");
  }
  const draft = parsed.data;
  const asOf = draft.asOf === null ? context.now : new Date(draft.asOf);
  if (asOf > context.now) throw refused("asOf", "nobody knows yet what will be known then");
  const formats =
    draft.formats ?? REPORT_FORMATS.filter((one) => draft.kind === "compliance" || !COMPLIANCE_FORMATS.includes(one));
  const misfit = formats.find((one) => draft.kind !== "compliance" && COMPLIANCE_FORMATS.includes(one));
  if (misfit) throw refused("formats", `only compliance is written as ${misfit}`);
  const sorted = (list: readonly string[]) => [...new Set(list)].toSorted();
  return {
    kind: draft.kind,
    formats: REPORT_FORMATS.filter((one) => formats.includes(one)),
    asOf: asOf.toISOString(),
    period: endedBy(asOf, periodOf(draft), draft.kind),
    frameworkId: draft.kind === "compliance" ? draft.frameworkId : null,
    filters: {
      teams: sorted(draft.teams),
      accounts: sorted(draft.accounts),
      clusters: sorted(draft.clusters),
      environments: sorted(draft.environments),
      controls: sorted(draft.controls),
    },
    throughEntry: await throughOf(context, draft, asOf),
    trail: draft.kind === "trail" ? (draft.trail ?? TRAIL_SEARCH.parse({})) : null,
    onlyTeam: context.actor.role === "member" ? (context.actor.teamKey ?? "") : null,
  };
}

function periodOf({ kind, from, to }: z.output<typeof draftSchema>): ReportParameters["period"] {
  if (kind === "namespaces" || kind === "access" || kind === "trail") {
    const hint =
      kind === "trail" ? '"trail" says of which time the search is' : 'this report is of one instant, "asOf"';
    if (from !== null || to !== null) throw refused(from === null ? "to" : "from", hint);
    return null;
  }
  if (from === null && to === null && kind === "compliance") return null;
  if (from === null || to === null) throw refused(from === null ? "from" : "to", "this report is of a period");
  if (from >= to) throw refused("to", "the period ends before it begins; its last day is not part of it");
  if (kind === "allocation" && !(from.endsWith("-01") && to.endsWith("-01")))
    throw refused(from.endsWith("-01") ? "to" : "from", "cost is compared with invoices, which are of whole months");
  return { from: `${from}T00:00:00.000Z`, to: `${to}T00:00:00.000Z` };
}

/** Compliance over a period is what was known at its end. Of one that goes on that is the instant, or a later question would be answered otherwise. */
function endedBy(
  asOf: Date,
  period: ReportParameters["period"],
  kind: ReportParameters["kind"],
): ReportParameters["period"] {
  if (kind !== "compliance" || period === null || new Date(period.to) <= asOf) return period;
  if (new Date(period.from) >= asOf) throw refused("from", "the period has not begun");
  return { from: period.from, to: asOf.toISOString() };
}

/** Logs only grow: with the last entry that counts, the same report can be made again. */
async function throughOf(
  context: ServiceContext,
  { kind, throughEntry }: z.output<typeof draftSchema>,
  asOf: Date,
): Promise<string | null> {
  if (kind === "changes") return throughEntry ?? (await newestEntry(context));
  if (kind !== "trail") return null;
  return throughEntry ?? (await newestEvent(context, asOf));
}

/** The trail's last entry: now, or of the newest head that was published up to the instant. */
async function newestEvent({ database, now }: ServiceContext, asOf: Date): Promise<string> {
  const size =
    asOf < now
      ? Number((await readLogHead(database.pool, asOf.toISOString()))?.size ?? 0)
      : (await readFrontier(database.pool)).size;
  if (size === 0) throw refused("asOf", "the trail has no entry yet that could be proven");
  return String(size - 1);
}

async function newestEntry({ database }: ServiceContext): Promise<string> {
  const { rows } = await database.pool.query<{ id: string }>("SELECT coalesce(max(id), 0)::text AS id FROM activity");
  return rows[0]?.id ?? "0";
}

function refused(column: string, message: string): AppError {
  return new AppError("invalid_input", `${column === "" ? "The request" : `"${column}"`}: ${message}.`, {
    remedy: "Correct the value and ask again.",
    place: column === "" ? {} : { column },
  });
}
