import { createHash, createHmac } from "node:crypto";
import type { AwsClients } from "#lib/sources/aws/client.ts";
import type { ClusterAccess } from "#lib/sources/kubernetes/spec.ts";

const TOKEN_PREFIX = "k8s-aws-v1.";
/** EKS takes a token for 15 minutes after its signature, whatever it says itself; it is renewed well before. */
const KEPT_FOR_MS = 10 * 60_000;
const EXPIRES_SECONDS = 60;

type EksAccess = NonNullable<ClusterAccess["eks"]>;
export type SigningCredentials = { accessKeyId: string; secretAccessKey: string; sessionToken?: string | undefined };

/** Tokens for one cluster, by the credentials of the role that may read it. */
export function eksTokens(
  { clusterName, region }: Pick<EksAccess, "clusterName" | "region">,
  clients: Pick<AwsClients, "credentials">,
): () => Promise<string> {
  let current: { token: string; madeAt: number } | null = null;
  return async () => {
    const now = Date.now();
    if (current !== null && now - current.madeAt < KEPT_FOR_MS) return current.token;
    const credentials = await clients.credentials();
    current = { token: eksToken({ clusterName, region, credentials, at: new Date(now) }), madeAt: now };
    return current.token;
  };
}

/**
 * The token that EKS accepts: a signed request to STS that says who the caller is, for this cluster and no other. Pure.
 * https://github.com/kubernetes-sigs/aws-iam-authenticator#api-authorization-from-outside-a-cluster
 */
export function eksToken(parts: {
  clusterName: string;
  region: string;
  credentials: SigningCredentials;
  at: Date;
}): string {
  return `${TOKEN_PREFIX}${Buffer.from(presignCallerIdentity(parts)).toString("base64url")}`;
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html, in the query. */
function presignCallerIdentity({ clusterName, region, credentials, at }: Parameters<typeof eksToken>[0]): string {
  const host = `sts.${region}.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}`;
  const instant = at.toISOString().replace(/[-:]|\.\d{3}/g, "");
  const day = instant.slice(0, 8);
  const scope = `${day}/${region}/sts/aws4_request`;
  const parameters: [string, string][] = [
    ["Action", "GetCallerIdentity"],
    ["Version", "2011-06-15"],
    ["X-Amz-Algorithm", "AWS4-HMAC-SHA256"],
    ["X-Amz-Credential", `${credentials.accessKeyId}/${scope}`],
    ["X-Amz-Date", instant],
    ["X-Amz-Expires", String(EXPIRES_SECONDS)],
    ["X-Amz-SignedHeaders", "host;x-k8s-aws-id"],
  ];
  if (credentials.sessionToken !== undefined) parameters.push(["X-Amz-Security-Token", credentials.sessionToken]);
  const query = parameters
    .map(([name, value]) => `${escape(name)}=${escape(value)}`)
    .toSorted()
    .join("&");
  const request = [
    "GET",
    "/",
    query,
    `host:${host}`,
    `x-k8s-aws-id:${clusterName}`,
    "",
    "host;x-k8s-aws-id",
    sha256(""),
  ];
  const text = ["AWS4-HMAC-SHA256", instant, scope, sha256(request.join("\n"))].join("\n");
  const key = [day, region, "sts", "aws4_request"].reduce<Buffer | string>(
    (secret, part) => hmac(secret, part),
    `AWS4${credentials.secretAccessKey}`,
  );
  return `https://${host}/?${query}&X-Amz-Signature=${hmac(key, text).toString("hex")}`;
}

/** As RFC 3986 has it: AWS counts these as characters to escape, encodeURIComponent does not. */
function escape(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function hmac(key: Buffer | string, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
