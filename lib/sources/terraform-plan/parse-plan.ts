import { z } from "zod";
import { AppError } from "#lib/errors.ts";

/** As much as is read of a plan. https://developer.hashicorp.com/terraform/internals/json-format */
const change = z.looseObject({
  actions: z.array(z.string()).min(1),
  before: z.unknown(),
  after: z.unknown(),
});
const resourceChange = z.looseObject({
  address: z.string().min(1),
  mode: z.string().optional(),
  type: z.string().min(1),
  change,
});
const document = z.looseObject({
  format_version: z.string(),
  /** Since Terraform 1.5. */
  timestamp: z.iso.datetime({ offset: true }).nullish(),
  /** Since Terraform 1.6: the plan ended with an error, and what it lists is not all. */
  errored: z.boolean().nullish(),
  resource_changes: z.array(resourceChange).nullish(),
  resource_drift: z.array(resourceChange).nullish(),
});

/** The one version of the format that is known: minor ones add to it. */
const KNOWN_FORMAT = /^[01]\./;
/** What changes nothing of what is there. */
const IDLE = new Set(["no-op", "read"]);

/** One resource as a plan has it. No value of it is kept: plans have passwords in them. */
export type PlannedChange = {
  address: string;
  type: string;
  /** What rolling out would do: "create", "update", "delete", "no-op" and others. */
  actions: string[];
  /** Whether something besides Terraform changed it. */
  isChangedOutside: boolean;
  /** Names of the attributes that differ. */
  attributes: string[];
  accountId: string | null;
  region: string | null;
};

export type ParsedPlan = {
  /** Null = the plan does not say. */
  plannedAt: Date | null;
  /** False where planning ended with an error. */
  isWhole: boolean;
  changes: Map<string, PlannedChange>;
};

export function isDrifted({ actions, isChangedOutside }: PlannedChange): boolean {
  return isChangedOutside || actions.some((action) => !IDLE.has(action));
}

/** A plan as `terraform show -json` writes it. @throws AppError "bad_data" with the file where it is none. */
export function parsePlan(file: string, text: string): ParsedPlan {
  const parsed = document.safeParse(jsonOf(file, text));
  if (!parsed.success || !KNOWN_FORMAT.test(parsed.data.format_version))
    throw broken(file, parsed.success ? `has the format ${parsed.data.format_version}` : "is no plan", parsed.error);
  const { timestamp, errored, resource_changes: planned, resource_drift: drifted } = parsed.data;
  if (!Array.isArray(planned) && !Array.isArray(drifted) && errored !== true)
    throw broken(file, "lists no resources: it is a state, or a plan without any");
  const changes = new Map<string, PlannedChange>();
  for (const one of planned ?? []) add(changes, one, false);
  for (const one of drifted ?? []) add(changes, one, true);
  return { plannedAt: timestamp ? new Date(timestamp) : null, isWhole: errored !== true, changes };
}

type ResourceChange = z.infer<typeof resourceChange>;

/** An address comes more than once where a replaced object is left over, and where it stands among changes and drift. */
function add(changes: Map<string, PlannedChange>, one: ResourceChange, isOutside: boolean): void {
  if (one.mode === "data") return;
  const { address, type } = one;
  const { actions, before, after } = one.change;
  const isChangedOutside = isOutside && actions.some((action) => !IDLE.has(action));
  const known = changes.get(address);
  const place = placeOf(before) ?? placeOf(after);
  changes.set(address, {
    address,
    type,
    actions: [...new Set([...(known?.actions ?? []), ...(isOutside ? [] : actions)])],
    isChangedOutside: isChangedOutside || (known?.isChangedOutside ?? false),
    attributes: [...new Set([...(known?.attributes ?? []), ...differing(before, after)])].toSorted(),
    accountId: known?.accountId ?? place?.accountId ?? null,
    region: known?.region ?? place?.region ?? null,
  });
}

function differing(before: unknown, after: unknown): string[] {
  const [old, next] = [Object(before) as Record<string, unknown>, Object(after) as Record<string, unknown>];
  // What is created or deleted as a whole differs in everything, which says nothing.
  if (before === null || before === undefined || after === null || after === undefined) return [];
  return [...new Set([...Object.keys(old), ...Object.keys(next)])].filter(
    (name) => JSON.stringify(old[name]) !== JSON.stringify(next[name]),
  );
}

/** Account and region by what the resource is called: an ARN, an id of Azure, or Google's project. */
function placeOf(values: unknown): { accountId: string; region: string | null } | null {
  if (typeof values !== "object" || values === null) return null;
  const text = (name: string) => {
    const value: unknown = Reflect.get(values, name);
    return typeof value === "string" ? value : "";
  };
  const [, , , region = "", account = ""] = /^arn:aws[a-z-]*:/.test(text("arn")) ? text("arn").split(":") : [];
  if (/^\d{12}$/.test(account)) return { accountId: account, region: region || null };
  const subscription = /^\/subscriptions\/([^/]+)\//i.exec(text("id"))?.[1];
  if (subscription !== undefined) return { accountId: subscription, region: text("location") || null };
  return text("project") === "" ? null : { accountId: text("project"), region: text("region") || null };
}

function jsonOf(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    throw broken(file, "is not JSON", thrown);
  }
}

function broken(file: string, says: string, cause: unknown = null): AppError {
  return new AppError("bad_data", `${file} ${says}.`, {
    remedy: "Write it with `terraform show -json PLAN`, of a plan that was saved with -out.",
    place: { file },
    cause,
  });
}
