import { createPublicKey, generateKeyPairSync, sign, type KeyObject } from "node:crypto";
import * as sdk from "@aws-sdk/client-kms";
import { AwsFailure, type AwsService, operation, type OperationCall } from "#demo/aws/service.ts";

/** An asymmetric key as KMS keeps it: what is private never leaves. */
export type KmsDemoKey = {
  account: string;
  region: string;
  id: string;
  /** "alias/bursar-bundles" */
  alias: string;
  state: "Enabled" | "Disabled" | "PendingDeletion";
  keySpec: "ECC_NIST_EDWARDS25519" | "ECC_NIST_P256";
  privateKey: KeyObject;
};

/** Of a message that Sign takes. https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html */
const MOST_MESSAGE_BYTES = 4_096;
/** What each kind of key signs with. https://docs.aws.amazon.com/kms/latest/developerguide/symm-asymm-choose-key-spec.html */
const ALGORITHMS: Record<KmsDemoKey["keySpec"], sdk.SigningAlgorithmSpec[]> = {
  ECC_NIST_EDWARDS25519: ["ED25519_SHA_512", "ED25519_PH_SHA_512"],
  ECC_NIST_P256: ["ECDSA_SHA_256"],
};

/** A key that signs bundles, made anew. */
export function makeKmsKey(account: string, region: string, changes: Partial<KmsDemoKey> = {}): KmsDemoKey {
  const id = "5b1f2a04-3c7d-4e86-9a10-0d6c2f7e8b31";
  const { privateKey } =
    changes.keySpec === "ECC_NIST_P256"
      ? generateKeyPairSync("ec", { namedCurve: "prime256v1" })
      : generateKeyPairSync("ed25519");
  const key = { account, region, id, alias: "alias/bursar-bundles", state: "Enabled", privateKey } as const;
  return { keySpec: "ECC_NIST_EDWARDS25519", ...key, ...changes };
}

/** KMS, as far as signing goes: keys of the caller's account by id, alias or ARN, those of another by ARN alone. */
export function createKms(keys: readonly KmsDemoKey[]): AwsService {
  const resourceOf = ({ KeyId = "" }: { KeyId?: string | undefined }) => KeyId;
  return {
    name: "kms",
    protocol: "json",
    target: "TrentService",
    regions: null,
    throttling: { code: "ThrottlingException", message: "Rate exceeded" },
    failures: { KMSInternalException: "The request was rejected because an internal exception occurred." },
    operations: {
      DescribeKey: operation<sdk.DescribeKeyRequest, object>({
        schema: sdk.DescribeKey$,
        action: "kms:DescribeKey",
        resourceOf,
        answer: ({ KeyId }, call) => ({ KeyMetadata: metadataOf(find(keys, KeyId, call)) }),
      }),
      GetPublicKey: operation<sdk.GetPublicKeyRequest, object>({
        schema: sdk.GetPublicKey$,
        action: "kms:GetPublicKey",
        resourceOf,
        answer: ({ KeyId }, call) => {
          const key = usable(find(keys, KeyId, call));
          const publicKey = createPublicKey(key.privateKey).export({ type: "spki", format: "der" });
          const { Arn, KeySpec, KeyUsage, SigningAlgorithms } = metadataOf(key);
          return { KeyId: Arn, PublicKey: publicKey.toString("base64"), KeySpec, KeyUsage, SigningAlgorithms };
        },
      }),
      // Bytes travel as base64, which is what the model is checked against here.
      Sign: operation<Omit<sdk.SignRequest, "Message"> & { Message: string }, object>({
        schema: sdk.Sign$,
        action: "kms:Sign",
        resourceOf,
        answer: (request, call) => answerSign(usable(find(keys, request.KeyId, call)), request),
      }),
    },
  };
}

function answerSign(
  key: KmsDemoKey,
  { Message, MessageType = "RAW", SigningAlgorithm, DryRun }: Omit<sdk.SignRequest, "Message"> & { Message: string },
): object {
  const message = Buffer.from(Message, "base64");
  if (message.length < 1 || message.length > MOST_MESSAGE_BYTES)
    throw invalid(
      `1 validation error detected: Value at 'message' failed to satisfy constraint: Member must have length less than or equal to ${MOST_MESSAGE_BYTES}`,
    );
  if (SigningAlgorithm === undefined || !ALGORITHMS[key.keySpec].includes(SigningAlgorithm))
    throw new AwsFailure(
      "InvalidKeyUsageException",
      `${arnOf(key)} key spec is ${key.keySpec}, which is not valid for signing with ${String(SigningAlgorithm)}.`,
    );
  if (SigningAlgorithm === "ED25519_SHA_512" && MessageType !== "RAW")
    throw invalid("Algorithm ED25519_SHA_512 requires the message type RAW.");
  if (SigningAlgorithm === "ED25519_PH_SHA_512") throw invalid("The demo does not sign with ED25519_PH_SHA_512.");
  if (DryRun === true)
    throw new AwsFailure(
      "DryRunOperationException",
      "The request would have succeeded, but the DryRun option is set.",
      { status: 412 },
    );
  const hash = key.keySpec === "ECC_NIST_P256" ? "sha256" : null;
  return {
    KeyId: arnOf(key),
    Signature: sign(hash, message, key.privateKey).toString("base64"),
    SigningAlgorithm,
  };
}

function find(keys: readonly KmsDemoKey[], asked: string | undefined, { caller, region }: OperationCall): KmsDemoKey {
  const found = keys.find((key) => {
    if (key.region !== region) return false;
    const prefix = `arn:aws:kms:${key.region}:${key.account}:`;
    if (asked === `${prefix}key/${key.id}` || asked === `${prefix}${key.alias}`) return true;
    return key.account === caller.account && (asked === key.id || asked === key.alias);
  });
  if (found) return found;
  throw new AwsFailure("NotFoundException", `Key '${asked ?? ""}' does not exist`);
}

function usable(key: KmsDemoKey): KmsDemoKey {
  if (key.state === "Disabled") throw new AwsFailure("DisabledException", `${arnOf(key)} is disabled.`);
  if (key.state === "PendingDeletion")
    throw new AwsFailure("KMSInvalidStateException", `${arnOf(key)} is pending deletion.`);
  return key;
}

function metadataOf(key: KmsDemoKey) {
  return {
    AWSAccountId: key.account,
    KeyId: key.id,
    Arn: arnOf(key),
    Enabled: key.state === "Enabled",
    KeyState: key.state,
    KeyUsage: "SIGN_VERIFY",
    KeyManager: "CUSTOMER",
    Origin: "AWS_KMS",
    KeySpec: key.keySpec,
    SigningAlgorithms: ALGORITHMS[key.keySpec],
  };
}

function arnOf({ account, region, id }: KmsDemoKey): string {
  return `arn:aws:kms:${region}:${account}:key/${id}`;
}

function invalid(message: string): AwsFailure {
  return new AwsFailure("ValidationException", message);
}
