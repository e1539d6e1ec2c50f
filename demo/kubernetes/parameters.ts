import { badRequest, invalid } from "#demo/kubernetes/status.ts";

/** The query parameters of a request that were looked at against what its verb knows. */
export type Parameters = {
  has(name: string): boolean;
  /** "" where absent. */
  text(name: string): string;
  /** Null where absent. @throws StatusError 400 where it is no whole number. */
  whole(name: string): number | null;
  flag(name: string): boolean;
  isDryRun(): boolean;
};

const LIST = [
  "limit",
  "continue",
  "labelSelector",
  "fieldSelector",
  "resourceVersion",
  "resourceVersionMatch",
  "watch",
  "allowWatchBookmarks",
  "sendInitialEvents",
  "timeoutSeconds",
];
const WRITE = ["dryRun", "fieldManager", "fieldValidation"];
const REMOVE = ["dryRun", "gracePeriodSeconds", "orphanDependents", "propagationPolicy"];
const KNOWN: Record<string, readonly string[]> = {
  list: LIST,
  watch: LIST,
  get: ["resourceVersion"],
  create: WRITE,
  update: WRITE,
  patch: [...WRITE, "force"],
  delete: REMOVE,
  deletecollection: [...LIST, ...REMOVE],
};
const WHOLE = /^-?\d+$/;
const FLAGS = new Set(["", "0", "1", "true", "false", "True", "False", "t", "f"]);

/**
 * Reads the parameters of a verb. Unlike an API server, which ignores what it does not know, an unknown parameter is
 * refused: a misspelt `labelSelector` would otherwise read a whole cluster, and no test would notice.
 */
export function readParameters(query: URLSearchParams, verb: string): Parameters {
  const known = KNOWN[verb] ?? [];
  for (const name of query.keys())
    if (name !== "pretty" && !known.includes(name))
      throw badRequest(`unknown query parameter "${name}" for verb "${verb}"`);
  const text = (name: string) => query.get(name) ?? "";
  const parameters: Parameters = {
    has: (name) => text(name) !== "",
    text,
    whole: (name) => {
      const value = text(name);
      if (value === "") return null;
      if (!WHOLE.test(value)) throw badRequest(`strconv.ParseInt: parsing "${value}": invalid syntax`);
      return Number(value);
    },
    flag: (name) => {
      const value = text(name);
      if (!FLAGS.has(value)) throw badRequest(`strconv.ParseBool: parsing "${value}": invalid syntax`);
      return query.has(name) && !["0", "false", "False", "f"].includes(value);
    },
    isDryRun: () => text("dryRun") === "All",
  };
  refuseValues(parameters, verb);
  return parameters;
}

function refuseValues(parameters: Parameters, verb: string): void {
  for (const name of ["limit", "timeoutSeconds", "gracePeriodSeconds"]) parameters.whole(name);
  const options = `${verb.slice(0, 1).toUpperCase()}${verb.slice(1)}Options`;
  const unsupported = (field: string, value: string, supported: readonly string[]) =>
    invalid({ kind: options, group: "meta.k8s.io" }, "", [
      {
        reason: "FieldValueNotSupported",
        field,
        message: `Unsupported value: "${value}": supported values: ${supported.map((one) => `"${one}"`).join(", ")}`,
      },
    ]);
  const oneOf = (name: string, supported: readonly string[]) => {
    if (parameters.has(name) && !supported.includes(parameters.text(name)))
      throw unsupported(name, parameters.text(name), supported);
  };
  oneOf("dryRun", ["All"]);
  oneOf("fieldValidation", ["Ignore", "Strict", "Warn"]);
  oneOf("propagationPolicy", ["Background", "Foreground", "Orphan"]);
  const version = parameters.text("resourceVersion");
  if (version !== "" && !/^\d+$/.test(version))
    throw invalid({ kind: options, group: "meta.k8s.io" }, "", [
      {
        reason: "FieldValueInvalid",
        field: "resourceVersion",
        message: `Invalid value: "${version}": strconv.ParseUint: parsing "${version}": invalid syntax`,
      },
    ]);
}
