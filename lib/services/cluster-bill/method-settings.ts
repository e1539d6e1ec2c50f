import { z } from "zod";
import type { SqlExecutor } from "#lib/db/activity.ts";
import { compileGlob } from "#lib/domain/glob.ts";
import type { BillSettings } from "#lib/domain/cluster-bill/cluster-hour.ts";
import type { Day } from "#lib/domain/period.ts";
import type { ClusterMethodView } from "#lib/services/cluster-bill/cluster-bill-view.ts";

const MOST_SHARED_NAMES = 200;
const MOST_WEIGHTS = 5_000;

const weight = z.string().regex(/^\d{1,15}(\.\d{1,12})?$/, "must be a plain number that is not negative");

/** How a cluster's bill is split, as it is saved. Names of shared namespaces know `*`. */
export const methodSettings = z.strictObject({
  method: z.enum(["opencost", "aws-split-cost", "requests"]),
  idle: z.enum(["separate", "by-use", "owner"]),
  idlePer: z.enum(["node", "cluster"]),
  shared: z.strictObject({
    names: z.array(z.string().min(1).max(253)).max(MOST_SHARED_NAMES),
    how: z.union([
      z.literal("even"),
      z.literal("by-use"),
      z.strictObject({
        weights: z
          .record(z.string().min(1), weight)
          .refine((weights) => Object.keys(weights).length <= MOST_WEIGHTS, `at most ${MOST_WEIGHTS} weights`)
          .refine((weights) => Object.values(weights).some((value) => /[1-9]/.test(value)), "one must be above zero"),
      }),
    ]),
  }),
});
export type MethodSettings = z.infer<typeof methodSettings>;

/** What counts for a cluster that nobody has saved anything for: nothing is moved that was not measured. */
export const DEFAULT_METHOD: MethodSettings = {
  method: "opencost",
  idle: "separate",
  idlePer: "node",
  shared: {
    names: ["kube-system", "kube-public", "kube-node-lease", "monitoring", "ingress-*", "istio-system", "linkerd"],
    how: "by-use",
  },
};

/** The same for a cluster of ECS, of whose tasks only the sizes are known, and which has no namespaces of a system. */
const ECS_METHOD: MethodSettings = { ...DEFAULT_METHOD, method: "requests", shared: { names: [], how: "even" } };

/** Every version that is not retired, or was not at `asOf`; the latest first day first. */
export async function readMethods(
  sql: SqlExecutor,
  clusterKey: string,
  asOf: Date | null,
): Promise<ClusterMethodView[]> {
  const { rows } = await sql.query(
    `SELECT id, method, idle, idle_per, shared, valid_from::text, created_at, created_by FROM cluster_method
     WHERE cluster_key = $1 AND ($2::timestamptz IS NULL AND retired_at IS NULL
       OR created_at <= $2 AND (retired_at IS NULL OR retired_at > $2))
     ORDER BY valid_from DESC NULLS LAST, id DESC`,
    [clusterKey, asOf],
  );
  const saved = rows.map((row): ClusterMethodView => ({
    ...methodSettings.parse({ method: row.method, idle: row.idle, idlePer: row.idle_per, shared: row.shared }),
    id: Number(row.id),
    validFrom: row.valid_from as Day | null,
    savedBy: String(row.created_by),
    savedAt: (row.created_at as Date).toISOString(),
  }));
  if (saved.some(({ validFrom }) => validFrom === null)) return saved;
  const standing = await sql.query(
    "SELECT provider FROM cluster WHERE cluster_key = $1 ORDER BY seen_from DESC LIMIT 1",
    [clusterKey],
  );
  const method = standing.rows[0]?.provider === "ecs" ? ECS_METHOD : DEFAULT_METHOD;
  return [...saved, { ...method, id: null, validFrom: null, savedBy: null, savedAt: null }];
}

/** The settings of a day, of versions in the order of readMethods. */
export function methodOf(methods: readonly ClusterMethodView[], day: Day): MethodSettings {
  const found = methods.find(({ validFrom }) => validFrom === null || validFrom <= day);
  if (!found) return DEFAULT_METHOD;
  const { method, idle, idlePer, shared } = found;
  return { method, idle, idlePer, shared };
}

/** The settings as the split takes them: shared namespaces by name, of those that are there. */
export function toBillSettings(settings: MethodSettings, namespaces: readonly string[]): BillSettings {
  const { names } = settings.shared;
  return {
    ...settings,
    shared: { ...settings.shared, names: [...new Set(namespaces)].filter((name) => isShared(names, name)) },
  };
}

export function isShared(patterns: readonly string[], namespace: string): boolean {
  return patterns.some((pattern) => compileGlob(pattern)(namespace));
}
