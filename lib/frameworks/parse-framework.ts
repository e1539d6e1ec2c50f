import { z } from "zod";
import type { Framework } from "#lib/domain/posture/framework.ts";
import { parseContent, refusal } from "#lib/frameworks/refusal.ts";
import { ruleName } from "#lib/frameworks/rules.ts";
import { readYamlText } from "#lib/yaml-text.ts";

/** More than any framework has; a list beyond it is a mistake, and says so. */
const MOST_CONTROLS_OF_A_GROUP = 1_000;
const MOST_RULES_OF_A_CONTROL = 100;

// YAML reads 1.10 as the number 1.1, which would be another control.
const identifier = z
  .string({ error: "must be a text: write numbers in quotation marks" })
  .min(1)
  .max(60)
  .regex(/^\S.*\S$|^\S$/, "must not begin or end with a space");

const control = z
  .strictObject({
    id: identifier,
    title: z.string().min(1).max(200),
    description: z.string().min(1).max(2_000),
    rules: z.array(ruleName).max(MOST_RULES_OF_A_CONTROL).default([]),
    manual: z.string().min(1).max(1_000).nullable().default(null),
    severity: z.enum(["critical", "high", "medium", "low"]).optional(),
  })
  .refine(({ rules, manual }) => rules.length > 0 || manual !== null, {
    message: "a control without rules has to say in `manual` what is shown by hand",
  });

const frameworkFile = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9.-]{0,59}$/, "must be of small letters, digits, dots and hyphens"),
  name: z.string().min(1).max(200),
  version: identifier,
  publisher: z.string().min(1).max(200),
  groups: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(200),
        controls: z.array(control).min(1).max(MOST_CONTROLS_OF_A_GROUP),
      }),
    )
    .min(1)
    .max(MOST_CONTROLS_OF_A_GROUP),
});

/**
 * A framework from the text of its file (lib/frameworks/README.md has the format). Pure; `file` is only named in errors.
 * Throws AppError("invalid_input") with file, line, path and value of the first mistake, among them a control that is listed twice.
 */
export function parseFramework(text: string, file: string): Framework {
  const yaml = readYamlText(text);
  const { groups, ...head } = parseContent(frameworkFile, yaml, file);
  const paths = new Map<string, PropertyKey[]>();
  const controls = groups.flatMap((group, groupIndex) =>
    group.controls.map((entry, index) => {
      const path = ["groups", groupIndex, "controls", index, "id"];
      const first = paths.get(entry.id);
      if (first)
        throw refusal(file, `control ${entry.id} stands in line ${yaml.lineOf(first)} already`, {
          line: yaml.lineOf(path),
          column: path.join("."),
          value: entry.id,
        });
      paths.set(entry.id, path);
      return { ...entry, group: group.name };
    }),
  );
  return { ...head, controls };
}
