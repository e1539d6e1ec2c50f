import { mailAtEnd } from "#lib/domain/mail.ts";

/**
 * The mail of the person behind a user of Kubernetes; null where none is named. A user name may be the mail itself, or end with it: after the prefix
 * of an identity provider ("oidc:ada@example.com") or as the session of a role ("…:assumed-role/admin/ada@example.com"). Proxies and authenticators
 * have it in the user's extra fields: Rancher in `username`, EKS in `sessionName`. What Kubernetes itself calls "system:" is nobody.
 */
export function personOf(username: string, extra: Readonly<Record<string, readonly string[]>> | null): string | null {
  if (username.startsWith("system:")) return null;
  const told = Object.entries(extra ?? {})
    .filter(([name]) => EXTRA_FIELDS.has(name.toLowerCase()))
    .flatMap(([, values]) => values);
  for (const text of [username, ...told]) {
    const mail = mailAtEnd(text);
    if (mail !== null) return mail;
  }
  return null;
}

const EXTRA_FIELDS = new Set(["username", "sessionname", "email", "mail"]);
