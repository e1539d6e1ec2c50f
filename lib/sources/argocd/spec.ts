import { z } from "zod";
import { eventFileSettings } from "#lib/sources/event-files/event-file-source.ts";

/** The settings of a source of this kind, as bursar.yaml has them under `sources.<name>`. */
export const argocdSpec = z.strictObject({
  kind: z.literal("argocd"),
  ...eventFileSettings,
  clusters: z
    .record(z.string().min(1), z.string().min(1))
    .default({})
    .describe("Clusters as Argo CD's destinations have them, by address or name, and their keys here."),
});
