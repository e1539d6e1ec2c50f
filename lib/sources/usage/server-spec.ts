import { z } from "zod";
import { awsConnection, refuseHalfKeys } from "#lib/sources/aws/connection.ts";

const pemOrPath = z.string().min(1);

/** How a server that knows the use of namespaces is reached, where its address alone does not do. */
const signedServer = z
  .strictObject({
    url: z.url().describe("Base address, without /api/v1."),
    bearerToken: z.string().min(1).optional().describe("A token, from the environment."),
    bearerTokenFile: z
      .string()
      .min(1)
      .optional()
      .describe("Path of a file with a token, read anew for every request: one that is renewed stays good."),
    username: z.string().min(1).optional(),
    password: z.string().min(1).optional(),
    certificateAuthority: pemOrPath.optional().describe("Who signs for the server: PEM, or the path of a file."),
    clientCertificate: pemOrPath.optional().describe("What Bursar shows of itself: PEM, or the path of a file."),
    clientKey: pemOrPath.optional().describe("Its key: PEM, or the path of a file."),
    aws: z
      .strictObject({ ...awsConnection, region: z.string().min(1).describe("Where the workspace is.") })
      .superRefine(refuseHalfKeys)
      .optional()
      .describe("For Amazon Managed Service for Prometheus: requests are signed for the service aps."),
  })
  .superRefine((server, context) => {
    const ways = [server.bearerToken, server.bearerTokenFile, server.username, server.aws];
    if (ways.filter((way) => way !== undefined).length > 1)
      context.addIssue({
        code: "custom",
        path: ["bearerToken"],
        message: "name one of bearerToken, bearerTokenFile, username and aws",
      });
    if ((server.username === undefined) !== (server.password === undefined))
      context.addIssue({ code: "custom", path: ["password"], message: "username and password belong together" });
    if ((server.clientCertificate === undefined) !== (server.clientKey === undefined))
      context.addIssue({
        code: "custom",
        path: ["clientKey"],
        message: "clientCertificate and clientKey belong together",
      });
    const hasSecret = ways.some((way) => way !== undefined);
    if (hasSecret && server.url.startsWith("http:") && !isLoopback(server.url))
      context.addIssue({ code: "custom", path: ["url"], message: "must be https where something secret is sent" });
  });

/** The address alone, or with what signing in takes. */
export const usageServerSpec = z.union([z.url(), signedServer]);
export type UsageServerSpec = z.infer<typeof usageServerSpec>;
export type SignedServer = z.infer<typeof signedServer>;

function isLoopback(url: string): boolean {
  return /^http:\/\/(127\.\d+\.\d+\.\d+|localhost|\[::1\])([:/]|$)/.test(url);
}

/** The same server with its files' paths made absolute. */
export function withServerFiles(server: UsageServerSpec, absolute: (path: string) => string): UsageServerSpec {
  if (typeof server === "string") return server;
  const found = { ...server };
  if (found.bearerTokenFile !== undefined) found.bearerTokenFile = absolute(found.bearerTokenFile);
  for (const name of ["certificateAuthority", "clientCertificate", "clientKey"] as const) {
    const value = found[name];
    if (value !== undefined && !isPem(value)) found[name] = absolute(value);
  }
  return found;
}

/** Otherwise the path of a file that has it. */
export function isPem(value: string): boolean {
  return value.includes("-----BEGIN ");
}
