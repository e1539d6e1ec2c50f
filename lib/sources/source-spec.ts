import { z } from "zod";
import { focusSpec } from "#lib/sources/focus/spec.ts";

/** The settings of one source of bursar.yaml; its kind says which folder of lib/sources reads it. */
export const sourceSpec = z.discriminatedUnion("kind", [focusSpec]);

export type SourceSpec = z.infer<typeof sourceSpec>;
