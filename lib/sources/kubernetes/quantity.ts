const FACTORS: Readonly<Record<string, number>> = {
  "": 1,
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};
const QUANTITY = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:[eE]([+-]?\d+)|([numkMGTPE]|[KMGTPE]i)?)$/;
const GIB = 2 ** 30;

/**
 * A quantity of Kubernetes ("250m", "1.5Gi", "2e3", 4) in its base unit: cores, bytes or devices. Null where it is none.
 * https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 */
export function parseQuantity(value: string | number | null | undefined): number | null {
  if (value === null || value === undefined) return null;
  if (typeof value === "number") return value;
  const [, digits, exponent, suffix = ""] = QUANTITY.exec(value.trim()) ?? [];
  if (digits === undefined) return null;
  const factor = exponent === undefined ? FACTORS[suffix] : 10 ** Number(exponent);
  return factor === undefined ? null : Number(digits) * factor;
}

/** A quantity of bytes in GiB. */
export function parseGib(value: string | number | null | undefined): number | null {
  const bytes = parseQuantity(value);
  return bytes === null ? null : bytes / GIB;
}
