import { z } from "zod";
import { awsConnection, refuseHalfKeys } from "#lib/sources/aws/connection.ts";
import { sourceSettings } from "#lib/sources/source-settings.ts";

/** The settings of a source that reads the ECS clusters of one account, as bursar.yaml has them under `sources.<name>`. */
export const ecsSpec = z
  .strictObject({
    kind: z.literal("aws-ecs"),
    ...awsConnection,
    regions: z.array(z.string().min(1)).min(1).max(40).describe("Where its clusters are."),
    ownerTags: z
      .array(z.string().min(1))
      .max(20)
      .default(["owner", "team", "owner-team"])
      .describe("Tags of services and clusters that name an owner."),
    protectedTags: z
      .array(z.strictObject({ key: z.string().min(1), value: z.string().optional() }))
      .default([{ key: "bursar:keep" }])
      .describe("Tags whose services are never called unused."),
    title: sourceSettings.title,
    schedule: sourceSettings.schedule,
  })
  .superRefine(refuseHalfKeys);

export type EcsSpec = z.infer<typeof ecsSpec>;
