import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, isAbsolute, resolve } from "node:path";
import { z } from "zod";
import { auditSchema } from "#lib/config/audit.ts";
import { policiesSchema } from "#lib/config/policies.ts";
import { errorCode } from "#lib/db/home.ts";
import { AppError } from "#lib/errors.ts";
import { kmsSpec } from "#lib/sources/aws/kms-spec.ts";
import { sourceSpec, withServerFiles, type SourceSpec } from "#lib/sources/source-spec.ts";
import { readYamlText } from "#lib/yaml-text.ts";

export type { SourceSpec };

const DEFAULT_FILE = "bursar.yaml";

const settings = z.strictObject({
  organisation: z.string().min(1).default("Your organisation").describe("The name that stands above every page."),
  reportingCurrency: z
    .string()
    .regex(/^[A-Z]{3}$/, "must be a currency code of three capital letters")
    .optional()
    .describe("ISO 4217. The currency that figures can be shown in besides their own, at dated rates."),
  timestamps: z
    .strictObject({
      url: z.url().describe("Where the authority answers RFC 3161 queries over HTTP."),
    })
    .optional()
    .describe(
      "A time stamp authority: every bundle is stamped by it, so that when it was made needs no trust in this machine.",
    ),
  signing: z
    .strictObject({ kms: kmsSpec.describe("A key of AWS KMS: Ed25519, which never leaves it.") })
    .optional()
    .describe(
      "What bundles and heads of the trail are signed with; the installation's own key in its home folder where absent.",
    ),
  environmentTags: z
    .array(z.string().min(1))
    .default(["environment", "env", "stage"])
    .describe("Tag keys of which the first that is present and not empty names the environment."),
  tags: z
    .array(z.string().min(1))
    .default(["team", "business_unit", "cost-center", "application", "environment"])
    .describe("Tag keys that can be grouped by, besides those that rules use."),
  settleDays: z.int().min(0).max(31).default(2).describe("The newest days of an open period still count as estimated."),
  costPrecedence: z
    .array(z.string().min(1))
    .default([])
    .describe(
      "Sources of cost, the one that counts first: where several have the same account in the same month, the others are only compared with it.",
    ),
  frameworks: z
    .array(z.string().min(1))
    .default([])
    .describe(
      "Your own compliance frameworks: files in Bursar's format for frameworks, or conformance packs of AWS Config (YAML).",
    ),
  policies: policiesSchema.default({}).describe("Thresholds of Bursar's own checks."),
  audit: auditSchema
    .default({ changeWindows: [], heads: { timestamps: false }, retention: {} })
    .describe("How long the audit trail is kept, where its heads are written, and what its questions go by."),
  sources: z
    .record(z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, "must be of small letters, digits and hyphens"), sourceSpec)
    .default({})
    .describe("Where figures come from: a name for each source, and its settings."),
});

/** What bursar.yaml may hold. Every description stands in the published JSON Schema, which editors show while typing. */
export const configSchema = settings.superRefine(({ audit, timestamps }, context) => {
  if (audit.heads.timestamps && timestamps === undefined)
    context.addIssue({
      code: "custom",
      path: ["audit", "heads", "timestamps"],
      message: "there is no authority to stamp heads: timestamps.url names one",
    });
});

/** The published schema of bursar.yaml (public/bursar.schema.json), for editors. */
export function configJsonSchema(): object {
  return { title: "bursar.yaml", ...z.toJSONSchema(configSchema, { io: "input" }) };
}

export type Config = z.infer<typeof configSchema> & {
  /** Absolute path of the file, null where there is none. */
  file: string | null;
};

/**
 * The configuration: of BURSAR_CONFIG, otherwise of bursar.yaml in the working directory, otherwise the defaults without
 * any source. Read again when the file changes. Relative paths of sources are made absolute from the file's folder.
 * Throws AppError("invalid_config") with file, line, path and value of the first mistake.
 */
export function loadConfig(variables: NodeJS.ProcessEnv = process.env): Config {
  // Not all of the environment: this is asked for with every question, and whoever starts the process has checked it.
  const named = variables["BURSAR_CONFIG"] === "" ? undefined : variables["BURSAR_CONFIG"];
  const file = resolve(named ?? DEFAULT_FILE);
  const isThere = named !== undefined || existsSync(file);
  const version = `${file} ${isThere ? readVersion(file) : "is not there"}`;
  if (cached?.version !== version)
    cached = {
      version,
      config: isThere ? parseConfig(readText(file), file, variables) : { ...configSchema.parse({}), file: null },
    };
  return cached.config;
}

let cached: { version: string; config: Config } | null = null;

/** Parses the text of a configuration file. Exported for tests and for examples in the documentation. */
export function parseConfig(text: string, file: string, variables: NodeJS.ProcessEnv = process.env): Config {
  const { content: written, broken, lineOf } = readYamlText(text);
  if (broken) throw invalid(file, broken.message, { line: broken.line });

  const place = (path: PropertyKey[]) => ({ line: lineOf(path), column: path.map(String).join(".") });
  const content = fillIn(written ?? {}, [], (path, name) => {
    const value = variables[name];
    if (value !== undefined && value !== "") return value;
    throw invalid(file, `it asks for the environment variable ${name}, which is not set`, place(path));
  });
  const parsed = configSchema.safeParse(content);
  if (parsed.success) return withAbsolutePaths({ ...parsed.data, file });

  const issue = mostTelling(parsed.error.issues);
  throw invalid(
    file,
    issue.message,
    { ...place(issue.path), ...shownValue(content, issue.path) },
    parsed.error.issues.length - 1,
  );
}

function readVersion(file: string): string {
  try {
    const { mtimeMs, size } = statSync(file);
    return `${mtimeMs} ${size}`;
  } catch (thrown) {
    throw unreadable(file, thrown);
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (thrown) {
    throw unreadable(file, thrown);
  }
}

function unreadable(file: string, thrown: unknown): AppError {
  return new AppError("invalid_config", `The configuration ${file} cannot be read (${errorCode(thrown)}).`, {
    remedy: "Check the path in BURSAR_CONFIG and the file's permissions.",
    place: { file },
    cause: thrown,
  });
}

/** Replaces `${NAME}` in every text by the environment variable of that name. Throws what `lookUp` throws. */
function fillIn(value: unknown, path: PropertyKey[], lookUp: (path: PropertyKey[], name: string) => string): unknown {
  if (typeof value === "string")
    return value.replace(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (_all, name: string) => lookUp(path, name));
  if (Array.isArray(value)) return value.map((item, index) => fillIn(item, [...path, index], lookUp));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fillIn(item, [...path, key], lookUp)]));
}

function withAbsolutePaths(config: Config & { file: string }): Config {
  const folder = dirname(config.file);
  const absolute = (path: string) => (isAbsolute(path) ? path : resolve(folder, path));
  const sources = Object.entries(config.sources).map(([key, spec]): [string, SourceSpec] => [
    key,
    withAbsolutePath(spec, absolute),
  ]);
  return { ...config, frameworks: config.frameworks.map(absolute), sources: Object.fromEntries<SourceSpec>(sources) };
}

function withAbsolutePath(spec: SourceSpec, absolute: (path: string) => string): SourceSpec {
  if (spec.kind === "kubernetes") {
    const clusters = spec.clusters.map((cluster) => withAbsoluteFiles(cluster, absolute));
    const catalog = spec.catalog && { ...spec.catalog, files: spec.catalog.files.map(absolute) };
    return { ...spec, clusters, ...(catalog ? { catalog } : {}) };
  }
  if (spec.kind === "kubernetes-audit") {
    const clusters = spec.clusters.map((cluster) =>
      cluster.files === undefined ? cluster : { ...cluster, files: absolute(cluster.files) },
    );
    return { ...spec, clusters };
  }
  return "path" in spec && typeof spec.path === "string" ? { ...spec, path: absolute(spec.path) } : spec;
}

type ConfiguredCluster = Extract<SourceSpec, { kind: "kubernetes" }>["clusters"][number];

function withAbsoluteFiles(cluster: ConfiguredCluster, absolute: (path: string) => string): ConfiguredCluster {
  const { kubeconfig, prometheus, openCost } = cluster;
  return {
    ...cluster,
    ...(kubeconfig === undefined ? {} : { kubeconfig: absolute(kubeconfig) }),
    ...(prometheus === undefined ? {} : { prometheus: withServerFiles(prometheus, absolute) }),
    ...(openCost === undefined ? {} : { openCost: withServerFiles(openCost, absolute) }),
  };
}

type Issue = { message: string; path: PropertyKey[] };

// Of a union zod tells what every member misses; the deepest is what the writer meant.
function mostTelling(issues: z.core.$ZodIssue[], above: PropertyKey[] = []): Issue {
  const found = issues.map((issue): Issue => {
    const path = [...above, ...issue.path];
    if (issue.code === "invalid_union" && issue.errors.some((member) => member.length > 0))
      return mostTelling(issue.errors.flat(), path);
    if (issue.code === "unrecognized_keys")
      return { message: `there is no setting "${issue.keys[0]}" here`, path: [...path, issue.keys[0] ?? ""] };
    return { message: issue.message, path };
  });
  return found.toSorted((a, b) => b.path.length - a.path.length)[0] ?? { message: "it is not valid", path: above };
}

// Values of settings that hold secrets are never repeated, whatever is wrong with them.
function shownValue(content: unknown, path: PropertyKey[]): { value?: string } {
  if (path.some((key) => /secret|token|password|accesskey/i.test(String(key)))) return {};
  let value = content;
  for (const key of path) value = typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    ? { value: String(value) }
    : {};
}

function invalid(
  file: string,
  what: string,
  place: { line: number; column?: string; value?: string },
  others = 0,
): AppError {
  const setting = place.column ? `, ${place.column}` : "";
  const more = others > 0 ? ` (and ${others} more)` : "";
  return new AppError("invalid_config", `${file}, line ${place.line}${setting}: ${what}${more}.`, {
    remedy: "Correct the file and try again; bursar.example.yaml shows every setting.",
    place: { file, ...place },
  });
}
