import * as asn1 from "asn1js";
import * as pki from "pkijs";

/** A certificate and its key, as PEM. */
export type Issued = { certificate: string; key: string };

/** An authority of one run of a program: nothing outside of it trusts it, and nobody keeps its key. */
export type Authority = { certificate: string; issue(name: string, validity?: Validity): Promise<Issued> };

type Validity = { from: Date; to: Date };

const COMMON_NAME = "2.5.4.3";
const BASIC_CONSTRAINTS = "2.5.29.19";
const ALTERNATIVE_NAME = "2.5.29.17";
const IP_ADDRESS = 7;
const LOOPBACK = [127, 0, 0, 1];
const ALGORITHM = { name: "ECDSA", namedCurve: "P-256" } as const;
const DAY_MS = 86_400_000;

/** Makes an authority that signs for servers on 127.0.0.1 and for clients. */
export async function createAuthority(name: string): Promise<Authority> {
  pki.setEngine("node", new pki.CryptoEngine({ name: "node", crypto }));
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const own = await sign(name, name, keys.publicKey, keys.privateKey, 1, around(new Date()), true);
  let serial = 1;
  return {
    certificate: own,
    issue: async (subject, validity = around(new Date())) => {
      const pair = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
      serial += 1;
      return {
        certificate: await sign(name, subject, pair.publicKey, keys.privateKey, serial, validity, false),
        key: pem("PRIVATE KEY", await crypto.subtle.exportKey("pkcs8", pair.privateKey)),
      };
    },
  };
}

function around(now: Date): Validity {
  return { from: new Date(now.getTime() - DAY_MS), to: new Date(now.getTime() + DAY_MS) };
}

async function sign(
  issuer: string,
  subject: string,
  publicKey: CryptoKey,
  signedBy: CryptoKey,
  serial: number,
  { from, to }: Validity,
  isAuthority: boolean,
): Promise<string> {
  const certificate = new pki.Certificate();
  certificate.version = 2;
  certificate.serialNumber = new asn1.Integer({ value: serial });
  certificate.issuer.typesAndValues.push(nameOf(issuer));
  certificate.subject.typesAndValues.push(nameOf(subject));
  certificate.notBefore.value = from;
  certificate.notAfter.value = to;
  const constraints = new pki.BasicConstraints({ cA: isAuthority });
  const names = new pki.GeneralNames({
    names: [
      new pki.GeneralName({
        type: IP_ADDRESS,
        value: new asn1.OctetString({ valueHex: new Uint8Array(LOOPBACK).buffer }),
      }),
    ],
  });
  certificate.extensions = [
    new pki.Extension({ extnID: BASIC_CONSTRAINTS, critical: true, extnValue: constraints.toSchema().toBER() }),
    ...(isAuthority
      ? []
      : [new pki.Extension({ extnID: ALTERNATIVE_NAME, critical: false, extnValue: names.toSchema().toBER() })]),
  ];
  await certificate.subjectPublicKeyInfo.importKey(publicKey);
  await certificate.sign(signedBy, "SHA-256");
  return pem("CERTIFICATE", certificate.toSchema().toBER());
}

function nameOf(value: string): pki.AttributeTypeAndValue {
  return new pki.AttributeTypeAndValue({ type: COMMON_NAME, value: new asn1.Utf8String({ value }) });
}

function pem(label: string, content: ArrayBuffer): string {
  const lines =
    Buffer.from(content)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}
