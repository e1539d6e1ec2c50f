import { createHash, randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { Integer, ObjectIdentifier, OctetString, Sequence, Utf8String } from "asn1js";
import {
  Attribute,
  AttributeTypeAndValue,
  BasicConstraints,
  Certificate,
  ContentInfo,
  EncapsulatedContentInfo,
  Extension,
  ExtKeyUsage,
  id_eContentType_TSTInfo,
  IssuerAndSerialNumber,
  PKIStatusInfo,
  SignedAndUnsignedAttributes,
  SignedData,
  SignerInfo,
  TimeStampReq,
  TimeStampResp,
  TSTInfo,
} from "pkijs";

const TIME_STAMPING = "1.3.6.1.5.5.7.3.8";
const YEAR_MS = 31_557_600_000;

export type DemoAuthority = { url: string; certificatePem: string; stamped(): number; close(): Promise<void> };

type Issued = { certificate: Certificate; keys: CryptoKeyPair };

/** A time stamp authority on this machine that speaks RFC 3161 over HTTP, with a certificate of its own making. */
export async function startTimeStampAuthority(now: () => Date = () => new Date()): Promise<DemoAuthority> {
  const root = await issue("Demo Root", null, now());
  const own = await issue("Demo Time Stamps", root, now());
  let stamped = 0;
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      answer(Buffer.concat(pieces), own, now()).then(
        (bytes) => {
          stamped += 1;
          response.writeHead(200, { "content-type": "application/timestamp-reply" }).end(bytes);
        },
        () => response.writeHead(400).end(),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/`,
    certificatePem: pemOf(root.certificate),
    stamped: () => stamped,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function issue(name: string, issuer: Issued | null, now: Date): Promise<Issued> {
  const keys = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
  const certificate = new Certificate();
  certificate.version = 2;
  certificate.serialNumber = new Integer({ valueHex: positive(randomBytes(12)) });
  const named = new AttributeTypeAndValue({ type: "2.5.4.3", value: new Utf8String({ value: name }) });
  certificate.subject.typesAndValues.push(named);
  certificate.issuer.typesAndValues.push(...(issuer?.certificate.subject.typesAndValues ?? [named]));
  certificate.notBefore.value = new Date(now.getTime() - YEAR_MS);
  certificate.notAfter.value = new Date(now.getTime() + 10 * YEAR_MS);
  const usage = new ExtKeyUsage({ keyPurposes: [TIME_STAMPING] });
  const basic = new BasicConstraints({ cA: true });
  certificate.extensions = [
    issuer === null
      ? new Extension({ extnID: "2.5.29.19", critical: true, extnValue: basic.toSchema().toBER(), parsedValue: basic })
      : new Extension({ extnID: "2.5.29.37", critical: true, extnValue: usage.toSchema().toBER(), parsedValue: usage }),
  ];
  await certificate.subjectPublicKeyInfo.importKey(keys.publicKey);
  await certificate.sign(issuer?.keys.privateKey ?? keys.privateKey, "SHA-256");
  return { certificate, keys };
}

async function answer(query: Buffer, { certificate, keys }: Issued, now: Date): Promise<Buffer> {
  const { messageImprint, nonce } = TimeStampReq.fromBER(arrayOf(query));
  const info = new TSTInfo({
    version: 1,
    policy: "1.3.6.1.4.1.32473.1",
    messageImprint,
    serialNumber: new Integer({ valueHex: positive(randomBytes(8)) }),
    genTime: now,
    ...(nonce ? { nonce } : {}),
  });
  const content = info.toSchema().toBER();
  const digest = (bytes: ArrayBuffer) => arrayOf(createHash("sha256").update(Buffer.from(bytes)).digest());
  const issuerAndSerial = new IssuerAndSerialNumber({
    issuer: certificate.issuer,
    serialNumber: certificate.serialNumber,
  });
  const attribute = (type: string, value: ObjectIdentifier | OctetString | Sequence) =>
    new Attribute({ type, values: [value] });
  // SigningCertificateV2 of RFC 5035: the token names the certificate that it was signed with.
  const signedWith = new Sequence({
    value: [
      new Sequence({
        value: [new Sequence({ value: [new OctetString({ valueHex: digest(certificate.toSchema().toBER()) })] })],
      }),
    ],
  });
  const signed = new SignedData({
    version: 3,
    encapContentInfo: new EncapsulatedContentInfo({
      eContentType: id_eContentType_TSTInfo,
      eContent: new OctetString({ valueHex: content }),
    }),
    signerInfos: [
      new SignerInfo({
        version: 1,
        sid: issuerAndSerial,
        signedAttrs: new SignedAndUnsignedAttributes({
          type: 0,
          attributes: [
            attribute("1.2.840.113549.1.9.3", new ObjectIdentifier({ value: id_eContentType_TSTInfo })),
            attribute("1.2.840.113549.1.9.4", new OctetString({ valueHex: digest(content) })),
            attribute("1.2.840.113549.1.9.16.2.47", signedWith),
          ],
        }),
      }),
    ],
    certificates: [certificate],
  });
  await signed.sign(keys.privateKey, 0, "SHA-256");
  const reply = new TimeStampResp({
    status: new PKIStatusInfo({ status: 0 }),
    timeStampToken: new ContentInfo({ contentType: ContentInfo.SIGNED_DATA, content: signed.toSchema(true) }),
  });
  return Buffer.from(reply.toSchema().toBER());
}

function pemOf(certificate: Certificate): string {
  const lines = certificate.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}

function positive(bytes: Buffer): ArrayBuffer {
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x01;
  return arrayOf(bytes);
}

function arrayOf(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}
