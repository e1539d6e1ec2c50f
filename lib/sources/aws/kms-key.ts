import { createPublicKey, verify, type KeyObject } from "node:crypto";
import { GetPublicKeyCommand, KMSClient, SignCommand } from "@aws-sdk/client-kms";
import { AppError } from "#lib/errors.ts";
import { checkStep } from "#lib/sources/aws/check-step.ts";
import { classifyAwsError, isDenied } from "#lib/sources/aws/classify-error.ts";
import { openAwsClients } from "#lib/sources/aws/client.ts";
import type { KmsSpec } from "#lib/sources/aws/kms-spec.ts";
import { KMS_PERMISSIONS, statementOf, type AwsPermission } from "#lib/sources/aws/permissions.ts";
import type { RequestGate } from "#lib/sources/aws/request-gate.ts";
import type { CheckResult } from "#lib/sources/source.ts";

const KEY_SPEC = "ECC_NIST_EDWARDS25519";
/** Ed25519 as RFC 8032 has it, over the message itself: what openssl checks. The other algorithm of these keys signs a hash. */
const ALGORITHM = "ED25519_SHA_512";
/** Of a message in one request. https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html */
const MOST_MESSAGE_BYTES = 4_096;

/** An Ed25519 key that never leaves KMS. `sign` answers 64 bytes, checked with the public key before anybody sees them. */
export type KmsKey = { publicKey: KeyObject; sign(message: Uint8Array): Promise<Buffer> };

/** `readKey` asks for the public half, of which an alias may name another one later. */
export type KmsConnection = { readKey(): Promise<KmsKey>; close(): void };

/**
 * Nothing is asked yet. What `readKey` and `sign` throw is an AppError: "denied", "throttled", "unavailable", or "invalid_config" where there
 * is no such key, it cannot be used, or it is of another kind.
 */
export async function openKms(spec: KmsSpec, gate: RequestGate, signal: AbortSignal): Promise<KmsConnection> {
  const clients = await openAwsClients(spec, gate, signal);
  const kms = clients.open("kms", spec.region, (settings) => new KMSClient(settings));
  return {
    readKey: async () => {
      const publicKey = await readPublicKey(kms, spec, signal);
      return { publicKey, sign: (message) => signMessage(kms, spec, publicKey, message, signal) };
    },
    close: () => clients.close(),
  };
}

/** Whether the public key may be read and the key may sign: asked without a signature being made. */
export async function checkKmsKey(spec: KmsSpec, gate: RequestGate, signal: AbortSignal): Promise<CheckResult[]> {
  const clients = await openAwsClients(spec, gate, signal);
  try {
    const kms = clients.open("kms", spec.region, (settings) => new KMSClient(settings));
    return [
      await checkStep(`Public key of ${spec.keyId}`, () => readPublicKey(kms, spec, signal)),
      await checkStep(`Sign with ${spec.keyId}`, () => trySigning(kms, spec, signal)),
    ];
  } finally {
    clients.close();
  }
}

async function readPublicKey(kms: KMSClient, spec: KmsSpec, abortSignal: AbortSignal): Promise<KeyObject> {
  const answer = await kms.send(new GetPublicKeyCommand({ KeyId: spec.keyId }), { abortSignal }).catch((thrown) => {
    throw classifyKmsError(thrown, KMS_PERMISSIONS.publicKey, spec.keyId);
  });
  if (answer.KeySpec !== KEY_SPEC || answer.KeyUsage !== "SIGN_VERIFY" || answer.PublicKey === undefined)
    throw otherKind(spec.keyId, `its kind is ${answer.KeySpec ?? "unknown"} for ${answer.KeyUsage ?? "unknown use"}`);
  const key = createPublicKey({ key: Buffer.from(answer.PublicKey), format: "der", type: "spki" });
  if (key.asymmetricKeyType !== "ed25519") throw otherKind(spec.keyId, "its public key is not one of Ed25519");
  return key;
}

async function signMessage(
  kms: KMSClient,
  { keyId }: KmsSpec,
  publicKey: KeyObject,
  message: Uint8Array,
  abortSignal: AbortSignal,
): Promise<Buffer> {
  if (message.length > MOST_MESSAGE_BYTES)
    throw new AppError(
      "limit_reached",
      `KMS signs ${MOST_MESSAGE_BYTES} bytes at most, and not ${message.length.toLocaleString("en")}.`,
    );
  const answer = await kms.send(commandOf(keyId, message), { abortSignal }).catch((thrown) => {
    throw classifyKmsError(thrown, KMS_PERMISSIONS.sign, keyId);
  });
  const signature = Buffer.from(answer.Signature ?? []);
  // An alias may have been given to another key since its public key was read.
  if (!verify(null, message, publicKey, signature))
    throw new AppError("bad_data", `What KMS signed with ${keyId} does not fit the public key that it gave.`, {
      remedy: "Where its alias was given to another key, try again in some minutes.",
    });
  return signature;
}

async function trySigning(kms: KMSClient, { keyId }: KmsSpec, abortSignal: AbortSignal): Promise<void> {
  const command = new SignCommand({ ...commandOf(keyId, Buffer.from("check")).input, DryRun: true });
  await kms.send(command, { abortSignal }).catch((thrown: unknown) => {
    // What KMS answers where it would have signed.
    if (nameOf(thrown) !== "DryRunOperationException") throw classifyKmsError(thrown, KMS_PERMISSIONS.sign, keyId);
  });
}

function commandOf(keyId: string, message: Uint8Array): SignCommand {
  return new SignCommand({ KeyId: keyId, Message: message, MessageType: "RAW", SigningAlgorithm: ALGORITHM });
}

function classifyKmsError(thrown: unknown, permission: AwsPermission, keyId: string): AppError {
  const cause = { cause: thrown };
  const name = nameOf(thrown);
  if (isDenied(thrown))
    return new AppError("denied", `AWS does not allow ${permission.action} on ${keyId}: nothing can be signed.`, {
      ...cause,
      remedy: `Add to the policy of the role that signs, and let the key's own policy allow it: ${statementOf(permission)}`,
    });
  if (name === "DisabledException" || name === "KMSInvalidStateException" || name === "KeyUnavailableException")
    return new AppError("invalid_config", `The key ${keyId} cannot be used now (${name}): nothing can be signed.`, {
      ...cause,
      remedy: "Enable the key in KMS, or cancel its deletion.",
    });
  if (name === "NotFoundException" || name === "InvalidArnException")
    return new AppError("invalid_config", `There is no key ${keyId} in the region of signing.kms.`, {
      ...cause,
      remedy: "Check keyId, region and roleArn of signing.kms in bursar.yaml.",
    });
  if (name === "InvalidKeyUsageException" || name === "UnsupportedOperationException")
    return otherKind(keyId, `KMS refuses ${permission.action} with it`, thrown);
  const error = classifyAwsError(thrown, permission);
  if (error.code === "throttled")
    return new AppError("throttled", error.message, { ...cause, remedy: "Ask again in some minutes." });
  if (error.code !== "invalid_config") return error;
  return new AppError("invalid_config", error.message, { ...cause, remedy: "Check signing.kms in bursar.yaml." });
}

function otherKind(keyId: string, why: string, cause: unknown = null): AppError {
  return new AppError("invalid_config", `The key ${keyId} cannot sign bundles: ${why}.`, {
    cause,
    remedy: `Make a key of the kind ${KEY_SPEC} for SIGN_VERIFY.`,
  });
}

function nameOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.name : "";
}
