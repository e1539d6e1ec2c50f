import { z } from "zod";
import { eventFileSettings } from "#lib/sources/event-files/event-file-source.ts";

/** The settings of a source of this kind, as bursar.yaml has them under `sources.<name>`. */
export const terraformSpec = z.strictObject({ kind: z.literal("terraform"), ...eventFileSettings });
