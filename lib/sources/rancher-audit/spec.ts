import { z } from "zod";
import { eventFileSettings } from "#lib/sources/event-files/event-file-source.ts";

/** The settings of a source of this kind, as bursar.yaml has them under `sources.<name>`. */
export const rancherAuditSpec = z.strictObject({
  kind: z.literal("rancher-audit"),
  ...eventFileSettings,
  clusters: z
    .record(z.string().min(1), z.string().min(1))
    .default({})
    .describe("Rancher's names of clusters (c-m-7x2kq9lp) and their keys here."),
});
