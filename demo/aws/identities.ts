import { randomBytes } from "node:crypto";
import type { AwsCredentials } from "#demo/aws/signature.ts";

/** A role that the demo's AWS knows. */
export type AwsRole = {
  /** "arn:aws:iam::123456789012:role/reader" */
  arn: string;
  /** IAM actions that it allows, with "*" for any characters: "ce:GetCostAndUsage", "organizations:List*". */
  policy: readonly string[];
  /** What AssumeRole has to name, where the role asks for it. */
  externalId?: string;
  /** Subject of the web identity that may assume it; absent = none may. */
  webIdentitySubject?: string;
};

/** Who calls, as GetCallerIdentity tells it, and what they may do. */
export type Caller = { account: string; arn: string; userId: string; policy: readonly string[] };

/** What a signature is checked with. */
export type SigningKey = {
  secretAccessKey: string;
  /** Null for permanent keys. */
  sessionToken: string | null;
  expiresAt: Date | null;
};

export type RoleSession = {
  credentials: AwsCredentials & { sessionToken: string; expiresAt: Date };
  arn: string;
  userId: string;
};

export type Identities = {
  roles: { set(role: AwsRole): void; get(arn: string): AwsRole | null; delete(arn: string): void };
  findKey(accessKeyId: string): SigningKey | null;
  /** Role sessions see their role's policy as it is now, as in AWS. */
  callerOf(accessKeyId: string): Caller | null;
  openSession(role: AwsRole, sessionName: string, seconds: number): RoleSession;
  /** Every temporary credential that was handed out so far is expired from now on. */
  expireSessions(): void;
};

export type IdentityOptions = {
  /** Account that the permanent credentials belong to. */
  account: string;
  credentials: readonly AwsCredentials[];
  roles: readonly AwsRole[];
  now: () => Date;
};

type Held = SigningKey & { caller: Omit<Caller, "policy">; roleArn: string | null };

const EVERYTHING = ["*"];

/** Permanent keys, which may do everything, roles, and the temporary credentials that were handed out for them. */
export function createIdentities(options: IdentityOptions): Identities {
  const roles = new Map(options.roles.map((role) => [role.arn, role]));
  const keys = new Map<string, Held>(
    options.credentials.map(({ accessKeyId, secretAccessKey }) => [
      accessKeyId,
      {
        secretAccessKey,
        sessionToken: null,
        expiresAt: null,
        roleArn: null,
        caller: {
          account: options.account,
          arn: `arn:aws:iam::${options.account}:user/${accessKeyId}`,
          userId: `AIDA${accessKeyId.toUpperCase()}`,
        },
      },
    ]),
  );

  function openSession(role: AwsRole, sessionName: string, seconds: number): RoleSession {
    const account = role.arn.split(":")[4] ?? "";
    const roleName = role.arn.split("/").at(-1) ?? "";
    const arn = `arn:aws:sts::${account}:assumed-role/${roleName}/${sessionName}`;
    const userId = `AROA${Buffer.from(roleName).toString("hex").slice(0, 16).toUpperCase()}:${sessionName}`;
    const accessKeyId = `ASIA${randomBytes(8).toString("hex").toUpperCase()}`;
    const secretAccessKey = randomBytes(30).toString("base64");
    const sessionToken = randomBytes(96).toString("base64");
    const expiresAt = new Date(options.now().getTime() + seconds * 1000);
    keys.set(accessKeyId, {
      secretAccessKey,
      sessionToken,
      expiresAt,
      roleArn: role.arn,
      caller: { account, arn, userId },
    });
    return { credentials: { accessKeyId, secretAccessKey, sessionToken, expiresAt }, arn, userId };
  }

  return {
    roles: {
      set: (role) => void roles.set(role.arn, role),
      get: (arn) => roles.get(arn) ?? null,
      delete: (arn) => void roles.delete(arn),
    },
    findKey: (accessKeyId) => keys.get(accessKeyId) ?? null,
    callerOf: (accessKeyId) => {
      const key = keys.get(accessKeyId);
      if (!key) return null;
      return {
        ...key.caller,
        policy: key.roleArn === null ? EVERYTHING : (roles.get(key.roleArn)?.policy ?? []),
      };
    },
    openSession,
    expireSessions: () => {
      for (const key of keys.values()) if (key.expiresAt !== null) key.expiresAt = new Date(0);
    },
  };
}

/** Whether one of the policy's actions covers this one. IAM does not look at the case. */
export function isAllowed(policy: readonly string[], action: string): boolean {
  return policy.some((pattern) => {
    const expression = pattern
      .split("*")
      .map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`))
      .join(".*");
    return new RegExp(`^${expression}$`, "i").test(action);
  });
}

/** The sentence with which AWS refuses an action that no policy of the caller allows. */
export function denialMessage(caller: Caller, action: string, resource: string): string {
  return `User: ${caller.arn} is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`;
}
