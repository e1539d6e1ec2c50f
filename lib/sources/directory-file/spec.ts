import { z } from "zod";
import { sourceSettings } from "#lib/sources/source-settings.ts";

export const directoryFileSpec = z.strictObject({
  kind: z.literal("directory-file"),
  path: z.string().min(1).describe("A folder with teams.csv and people.csv, or one YAML file with teams and people."),
  ...sourceSettings,
});

export type DirectoryFileSpec = z.infer<typeof directoryFileSpec>;
