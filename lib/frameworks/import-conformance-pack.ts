import { createHash } from "node:crypto";
import { basename, extname } from "node:path";
import { z } from "zod";
import type { Framework, FrameworkControl } from "#lib/domain/posture/framework.ts";
import { parseContent, refusal } from "#lib/frameworks/refusal.ts";
import { readYamlText } from "#lib/yaml-text.ts";

const CONFIG_RULE = "AWS::Config::ConfigRule";
/** A pack's rule that nothing evaluates: it stands for something that people show by hand. */
const PROCESS_CHECK = "AWS_CONFIG_PROCESS_CHECK";
/** The prefix of a framework's rule that is a custom rule of AWS Config, by the name that the pack gives it. */
const CUSTOM_RULE = "aws-config:";
const LONGEST_TITLE = 200;

// Whatever CloudFormation lets stand instead of a plain value is taken as it is and looked at later.
const template = z.object({
  Parameters: z.record(z.string(), z.object({ Default: z.unknown().optional() })).nullish(),
  Conditions: z.record(z.string(), z.unknown()).nullish(),
  Resources: z.record(z.string(), z.object({ Type: z.string(), Properties: z.unknown().optional() })),
});
const ruleProperties = z.object({
  ConfigRuleName: z.unknown().optional(),
  Description: z.unknown().optional(),
  InputParameters: z.record(z.string(), z.unknown()).nullish().catch(null),
  Scope: z
    .object({ ComplianceResourceTypes: z.array(z.unknown()).min(1) })
    .nullish()
    .catch(null),
  Source: z.object({ Owner: z.unknown(), SourceIdentifier: z.unknown().optional() }),
});
type Template = z.infer<typeof template>;
type RuleProperties = z.infer<typeof ruleProperties>;

/** Whether a text is a CloudFormation template, and so to be read as a conformance pack. */
export function isConformancePack(text: string): boolean {
  return /^Resources\s*:/m.test(text);
}

/**
 * A conformance pack of AWS Config (CloudFormation, YAML) as a framework: each of its rules is a control, in the pack's order, grouped
 * by the service that it looks at. Parameters are told with their defaults; what an intrinsic function computes from anything else
 * is left out. A pack has no version of its own, so its text's SHA-256 stands for one. Pure; `file` gives the id and is named in errors.
 * Throws AppError("invalid_input") with file and line, also where the pack has no rule at all.
 * https://docs.aws.amazon.com/config/latest/developerguide/conformance-packs.html
 */
export function importConformancePack(text: string, file = "conformance-pack.yaml"): Framework {
  const yaml = readYamlText(text);
  const pack = parseContent(template, yaml, file);
  const rules = Object.entries(pack.Resources).filter(([, { Type }]) => Type.trim() === CONFIG_RULE);
  if (rules.length === 0)
    throw refusal(file, `there is no resource of type ${CONFIG_RULE}`, {
      line: yaml.lineOf(["Resources"]),
      column: "Resources",
    });

  const taken = new Set<string>();
  const controls = rules.map(([logicalId, resource]) => {
    const properties = ruleProperties.safeParse(resource.Properties);
    const place = { line: yaml.lineOf(["Resources", logicalId]), column: `Resources.${logicalId}` };
    if (!properties.success) throw refusal(file, "the rule has no source", place);
    const control = toControl(logicalId, properties.data, pack);
    if (control === null) throw refusal(file, "the rule's source has no identifier", place);
    const id = taken.has(control.id) ? `${control.id} (${logicalId})` : control.id;
    taken.add(id);
    return { ...control, id };
  });
  const stem = basename(file, extname(file));
  return {
    id:
      stem
        .toLowerCase()
        .replaceAll(/[^a-z0-9.]+/g, "-")
        .replaceAll(/^-|-$/g, "") || "conformance-pack",
    name: nameInHeading(yaml.heading) ?? stem,
    version: `sha256:${createHash("sha256").update(text).digest("hex").slice(0, 12)}`,
    publisher: "AWS Config conformance pack",
    controls,
  };
}

function toControl(logicalId: string, properties: RuleProperties, pack: Template): FrameworkControl | null {
  const { Owner, SourceIdentifier } = properties.Source;
  const id = resolve(properties.ConfigRuleName, pack) ?? logicalId;
  const identifier = resolve(SourceIdentifier, pack);
  const isManaged = resolve(Owner, pack) === "AWS";
  if (isManaged && identifier === null) return null;

  const words = id.replaceAll(/[-_]+/g, " ").trim();
  const said = resolve(properties.Description, pack);
  const head = { id, title: `${words.charAt(0).toUpperCase()}${words.slice(1)}`.slice(0, LONGEST_TITLE) };
  if (identifier === PROCESS_CHECK)
    return { ...head, description: said ?? head.title, group: "Shown by hand", rules: [], manual: said ?? head.title };
  const rule = isManaged && identifier !== null ? identifier : `${CUSTOM_RULE}${id}`;
  return {
    ...head,
    description: said ?? `${isManaged ? "Managed" : "Custom"} rule ${rule}${withParameters(properties, pack)}.`,
    group: serviceOf(properties),
    rules: [rule],
    manual: null,
  };
}

function withParameters({ InputParameters }: RuleProperties, pack: Template): string {
  const known = Object.entries(InputParameters ?? {}).flatMap(([name, value]) => {
    const text = resolve(value, pack);
    return text === null ? [] : [`${name} ${text}`];
  });
  return known.length === 0 ? "" : ` with ${known.join(", ")}`;
}

/** "EC2" of "AWS::EC2::Volume". Rules without a scope look at a whole account. */
function serviceOf({ Scope }: RuleProperties): string {
  const type = Scope?.ComplianceResourceTypes[0];
  const service = typeof type === "string" ? type.split("::")[1] : undefined;
  return service || "Account";
}

/** The plain text of a value, null where CloudFormation would have to compute it from what the pack does not say. */
function resolve(value: unknown, pack: Template): string | null {
  if (typeof value === "string") return parameterDefault(value, pack) ?? value.trim();
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  // A short `!If [condition, then, else]` has lost its tag and is a list; the long form is a mapping with one key.
  if (Array.isArray(value)) return isCondition(value[0], pack) ? resolve(value[1], pack) : null;
  if (typeof value !== "object" || value === null) return null;
  if ("Ref" in value && typeof value.Ref === "string") return parameterDefault(value.Ref, pack);
  if ("Fn::If" in value && Array.isArray(value["Fn::If"])) return resolve(value["Fn::If"][1], pack);
  return null;
}

function isCondition(name: unknown, pack: Template): boolean {
  return typeof name === "string" && pack.Conditions?.[name] !== undefined;
}

function parameterDefault(name: string, pack: Template): string | null {
  const given = pack.Parameters?.[name]?.Default;
  return typeof given === "string" || typeof given === "number" || typeof given === "boolean" ? String(given) : null;
}

/** AWS's own packs carry their name in the comment at the top, on the line after "Conformance Pack:". */
function nameInHeading(heading: string): string | null {
  const lines = heading.split("\n").map((line) => line.trim());
  const name = lines[lines.indexOf("Conformance Pack:") + 1];
  return lines.includes("Conformance Pack:") && name ? name : null;
}
