import { z } from "zod";
import { awsConnection, refuseHalfKeys } from "#lib/sources/aws/connection.ts";
import { sourceSettings } from "#lib/sources/source-settings.ts";

/** The settings of a source that reads an organisation, as bursar.yaml has them under `sources.<name>`. */
export const organizationsSpec = z
  .strictObject({
    kind: z.literal("aws-organizations"),
    ...awsConnection,
    ownerTags: z
      .array(z.string().min(1))
      .max(20)
      .default(["owner", "team", "owner-team"])
      .describe("Tags of accounts and units that name an owner, the most telling first."),
    title: sourceSettings.title,
    schedule: sourceSettings.schedule,
  })
  .superRefine(refuseHalfKeys);

export type OrganizationsSpec = z.infer<typeof organizationsSpec>;
