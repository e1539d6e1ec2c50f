type Labels = Readonly<Record<string, string>>;

const REQUIREMENT =
  /^\s*(?:!\s*(?<absent>[^\s=!,()]+)|(?<key>[^\s=!,()]+)(?:\s*(?<sign>==|!=|=)\s*(?<value>[^\s=!,()]*)|\s+(?<set>in|notin)\s*\((?<values>[^)]*)\))?)\s*$/;

/**
 * A label selector as kubectl takes it ("app=claims,tier in (api, web),!test"). Null where it is none.
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
 */
export function parseLabelSelector(text: string): ((labels: Labels) => boolean) | null {
  // Commas within brackets separate values, the others requirements.
  const parts = text.split(/,(?![^(]*\))/);
  if (text.trim() === "") return null;
  const requirements = parts.map(readRequirement);
  return requirements.every((requirement) => requirement !== null)
    ? (labels) => requirements.every((holds) => holds(labels))
    : null;
}

function readRequirement(text: string): ((labels: Labels) => boolean) | null {
  const { absent, key, sign, value = "", set, values } = REQUIREMENT.exec(text)?.groups ?? {};
  const valueOf = (labels: Labels, name: string) => (Object.hasOwn(labels, name) ? labels[name] : undefined);
  if (absent !== undefined) return (labels) => valueOf(labels, absent) === undefined;
  if (key === undefined) return null;
  if (sign !== undefined)
    return sign === "!=" ? (labels) => valueOf(labels, key) !== value : (labels) => valueOf(labels, key) === value;
  if (set === undefined) return (labels) => valueOf(labels, key) !== undefined;
  const wanted = new Set((values ?? "").split(",").map((one) => one.trim()));
  const isIn = (labels: Labels) => wanted.has(valueOf(labels, key) ?? "\u0000");
  return set === "in" ? isIn : (labels) => !isIn(labels);
}
