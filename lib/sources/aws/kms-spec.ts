import { z } from "zod";
import { awsConnection, refuseHalfKeys } from "#lib/sources/aws/connection.ts";

/** `signing.kms` of bursar.yaml: a key of AWS KMS, and how it is reached. */
export const kmsSpec = z
  .strictObject({
    keyId: z
      .string()
      .min(1)
      .max(2_048)
      .describe(
        "Id, ARN or alias of the key. It has to be of the kind ECC_NIST_EDWARDS25519, for signing; one of another account by ARN.",
      ),
    ...awsConnection,
    region: z.string().min(1).describe("The region of the key."),
  })
  .superRefine(refuseHalfKeys);

export type KmsSpec = z.infer<typeof kmsSpec>;
