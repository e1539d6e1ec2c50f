import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";
import { fullFormats } from "ajv-formats/dist/formats.js";

/** NIST's own schemas, where the machine has them: they are too large to be kept here. */
const SCHEMAS = join(import.meta.dirname, "../../../../shared/data/oscal");

export const hasNistSchemas = existsSync(SCHEMAS);

const compiled = new Map<string, ValidateFunction>();

/** What NIST's schema has against an OSCAL document; its keywords, types and formats are read strictly, so that none is passed over. */
export function nistErrors(kind: "plan" | "results", text: string): ErrorObject[] {
  let isValid = compiled.get(kind);
  if (!isValid) {
    const ajv = new Ajv({ strict: true, allErrors: true });
    for (const [name, format] of Object.entries(fullFormats)) ajv.addFormat(name, format);
    isValid = ajv.compile(JSON.parse(readFileSync(join(SCHEMAS, `oscal_assessment-${kind}_schema.json`), "utf8")));
    compiled.set(kind, isValid);
  }
  isValid(JSON.parse(text));
  return isValid.errors ?? [];
}
