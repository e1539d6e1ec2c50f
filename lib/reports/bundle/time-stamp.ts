import { createHash, randomBytes } from "node:crypto";
import { Integer, OctetString } from "asn1js";
import {
  AlgorithmIdentifier,
  Certificate,
  ContentInfo,
  ExtKeyUsage,
  id_eContentType_TSTInfo,
  MessageImprint,
  SignedData,
  TimeStampReq,
  TimeStampResp,
  TSTInfo,
} from "pkijs";
import { AppError } from "#lib/errors.ts";

const SHA256 = "2.16.840.1.101.3.4.2.1";
const TIME_STAMPING = "1.3.6.1.5.5.7.3.8";
const EXTENDED_KEY_USAGE = "2.5.29.37";
/** "granted" and "grantedWithMods" of RFC 3161, section 2.4.2. */
const GRANTED = [0, 1];
const NONCE_BYTES = 8;
const ANSWER_LIMIT_MS = 30_000;
/** A token with its certificates has some kilobytes. */
const MOST_BYTES = 256 * 1024;

/** What a time stamp says. `isTrusted` is null where no authority was given to compare with. */
export type TimeStamp = { at: Date; by: string; isTrusted: boolean | null };

/**
 * Asks a time stamp authority (RFC 3161 over HTTP, section 3.4) to stamp bytes, and answers its response, which has been checked against them.
 *
 * @throws AppError "unavailable" where it does not answer, "bad_data" where what it answers is no stamp of these bytes.
 */
export async function requestTimeStamp(url: string, data: Uint8Array, signal?: AbortSignal): Promise<Uint8Array> {
  // A number that begins with a zero bit is positive however it is read.
  const nonce = randomBytes(NONCE_BYTES);
  nonce[0] = ((nonce[0] ?? 0) & 0x7f) | 0x01;
  const query = new TimeStampReq({
    version: 1,
    messageImprint: new MessageImprint({
      hashAlgorithm: new AlgorithmIdentifier({ algorithmId: SHA256 }),
      hashedMessage: new OctetString({ valueHex: bytesOf(createHash("sha256").update(data).digest()) }),
    }),
    nonce: new Integer({ valueHex: bytesOf(nonce) }),
    certReq: true,
  });
  const answer = await post(url, new Uint8Array(query.toSchema().toBER()), signal);
  const { info } = await readToken(answer, data);
  if (info.nonce === undefined || !Buffer.from(info.nonce.valueBlock.valueHexView).equals(nonce))
    throw notAStamp("it answers another question", null);
  return answer;
}

/**
 * Checks a time stamp without a network: it is of these bytes, its signature holds, and its certificate is one for time stamps. With an
 * authority's certificates (PEM) also that it was issued by one of them.
 *
 * @throws AppError "bad_data" where something does not hold.
 */
export async function checkTimeStamp(
  response: Uint8Array,
  data: Uint8Array,
  authorityPem: string | null = null,
): Promise<TimeStamp> {
  const { signed, info, signer } = await readToken(response, data);
  const trustedCerts = authorityPem === null ? null : certificatesOf(authorityPem);
  return {
    at: info.genTime,
    by: signer.subject.typesAndValues.map(({ value }) => String(value.valueBlock.value)).join(", "),
    isTrusted: trustedCerts === null ? null : await isIssuedBy(signed, data, info, trustedCerts),
  };
}

type Token = { signed: SignedData; info: TSTInfo; signer: Certificate };

async function readToken(response: Uint8Array, data: Uint8Array): Promise<Token> {
  const { signed, info } = parse(response);
  if (info.messageImprint.hashAlgorithm.algorithmId !== SHA256)
    throw notAStamp("it is not over a SHA-256, which was asked for", null);
  const imprint = Buffer.from(info.messageImprint.hashedMessage.valueBlock.valueHexView);
  if (!imprint.equals(createHash("sha256").update(data).digest())) throw notAStamp("it is of other bytes", null);
  const result = await signed
    .verify({ signer: 0, data: bytesOf(data), checkChain: false, extendedMode: true })
    .catch((thrown: unknown) => {
      throw notAStamp("its signature does not hold", thrown);
    });
  const signer = result.signerCertificate;
  if (!result.signatureVerified || !signer) throw notAStamp("its signature does not hold", null);
  const usage = signer.extensions?.find(({ extnID }) => extnID === EXTENDED_KEY_USAGE)?.parsedValue as unknown;
  if (!(usage instanceof ExtKeyUsage) || !usage.keyPurposes.includes(TIME_STAMPING))
    throw notAStamp("its certificate is not one for time stamps", null);
  return { signed, info, signer };
}

function parse(response: Uint8Array): { signed: SignedData; info: TSTInfo } {
  try {
    const { status, timeStampToken } = TimeStampResp.fromBER(bytesOf(response));
    if (!GRANTED.includes(status.status) || timeStampToken === undefined)
      throw notAStamp(`it was not granted (status ${status.status})`, null);
    if (timeStampToken.contentType !== ContentInfo.SIGNED_DATA) throw notAStamp("it is not signed", null);
    const signed = new SignedData({ schema: timeStampToken.content });
    const { eContent, eContentType } = signed.encapContentInfo;
    if (eContentType !== id_eContentType_TSTInfo || eContent === undefined) throw notAStamp("it holds no time", null);
    return { signed, info: TSTInfo.fromBER(eContent.getValue()) };
  } catch (thrown) {
    if (thrown instanceof AppError) throw thrown;
    throw notAStamp("it is not written as RFC 3161 says", thrown);
  }
}

/** The certificates are looked at as of the time of the stamp: those of an authority end, and what they stamped stays. */
async function isIssuedBy(
  signed: SignedData,
  data: Uint8Array,
  { genTime }: TSTInfo,
  trustedCerts: Certificate[],
): Promise<boolean> {
  return signed
    .verify({ signer: 0, data: bytesOf(data), checkChain: true, trustedCerts, checkDate: genTime })
    .catch(() => false);
}

function certificatesOf(pem: string): Certificate[] {
  const found = [...pem.matchAll(/-----BEGIN CERTIFICATE-----([^-]+)-----END CERTIFICATE-----/g)];
  try {
    if (found.length > 0)
      return found.map(([, base64 = ""]) => Certificate.fromBER(bytesOf(Buffer.from(base64, "base64"))));
  } catch (thrown) {
    throw noCertificates(thrown);
  }
  throw noCertificates(null);
}

function noCertificates(cause: unknown): AppError {
  return new AppError("invalid_input", "The authority's file holds no certificates in PEM.", {
    remedy: "Ask the time stamp authority for its certificate as PEM.",
    cause,
  });
}

async function post(url: string, body: Uint8Array, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const limit = AbortSignal.timeout(ANSWER_LIMIT_MS);
  try {
    const answer = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/timestamp-query", accept: "application/timestamp-reply" },
      body: bytesOf(body),
      redirect: "error",
      signal: signal ? AbortSignal.any([limit, signal]) : limit,
    });
    if (!answer.ok)
      throw new AppError("unavailable", `The time stamp authority answered ${answer.status}.`, { remedy: REMEDY });
    const bytes = new Uint8Array(await answer.arrayBuffer());
    if (bytes.length > MOST_BYTES) throw notAStamp(`it has ${bytes.length} bytes`, null);
    return bytes;
  } catch (thrown) {
    signal?.throwIfAborted();
    if (thrown instanceof AppError) throw thrown;
    throw new AppError("unavailable", "The time stamp authority does not answer.", { remedy: REMEDY, cause: thrown });
  }
}

const REMEDY = "Check timestamps.url in bursar.yaml and the way to it, or leave it out: nothing is stamped then.";

function notAStamp(why: string, cause: unknown): AppError {
  return new AppError("bad_data", `The time stamp does not hold: ${why}.`, {
    remedy: "Do not rely on when it is said to have been made.",
    cause,
  });
}

function bytesOf(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}
