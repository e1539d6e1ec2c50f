import { expect, test } from "vitest";
import { eksToken } from "#lib/sources/kubernetes/eks-token.ts";

const parts = {
  clusterName: "motor-claims",
  region: "eu-central-1",
  credentials: {
    accessKeyId: "AKIDEXAMPLE",
    secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    sessionToken: "a/b+c==",
  },
  at: new Date("2026-11-21T05:06:07.890Z"),
};

function addressIn(token: string): URL {
  return new URL(Buffer.from(token.replace(/^k8s-aws-v1\./, ""), "base64url").toString());
}

test("the token is a signed question to STS who the caller is, with the signature that AWS's own SDK makes of it", () => {
  const token = eksToken(parts);
  expect(token).toMatch(/^k8s-aws-v1\.[\w-]+$/);
  const { host, searchParams } = addressIn(token);
  expect(host).toBe("sts.eu-central-1.amazonaws.com");
  // As SignatureV4.presign of @smithy/signature-v4 5 signs the same request.
  expect(Object.fromEntries(searchParams)).toEqual({
    Action: "GetCallerIdentity",
    Version: "2011-06-15",
    "X-Amz-Security-Token": "a/b+c==",
    "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
    "X-Amz-Credential": "AKIDEXAMPLE/20261121/eu-central-1/sts/aws4_request",
    "X-Amz-Date": "20261121T050607Z",
    "X-Amz-Expires": "60",
    "X-Amz-SignedHeaders": "host;x-k8s-aws-id",
    "X-Amz-Signature": "498085aafcc9b75193d6142edde2f9dec522890cb987d92ea41faf29a172ae79",
  });
});

test("the token of one cluster is none of another, and the secret is not in it", () => {
  const signature = (clusterName: string) =>
    addressIn(eksToken({ ...parts, clusterName })).searchParams.get("X-Amz-Signature");
  expect(signature("quote-engine")).not.toBe(signature("motor-claims"));
  expect(addressIn(eksToken(parts)).href).not.toContain(parts.credentials.secretAccessKey.slice(0, 8));
});

test("China has STS under its own domain", () => {
  expect(addressIn(eksToken({ ...parts, region: "cn-north-1" })).host).toBe("sts.cn-north-1.amazonaws.com.cn");
});
