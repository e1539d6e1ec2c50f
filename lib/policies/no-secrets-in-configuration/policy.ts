import type { ConfigurationName, NamespaceFacts } from "#lib/policies/facts.ts";
import { fails, passes, unknown, type Judgement } from "#lib/policies/policy.ts";

const SECRET_WORDS =
  /(^|[^a-z])(pass(word|wd|phrase)?|secret|api[-_.]?key|access[-_.]?key|private[-_.]?key|secret[-_.]?key|(auth|access|bearer|refresh|api)[-_.]?token|token|credentials?|client[-_.]?secret)($|[^a-z])/;
/** Names that speak of a secret and hold none: where it is, what it is called, how long it lives. */
const ABOUT_A_SECRET =
  /(file|path|dir|name|ref|url|uri|host|ttl|length|expiry|expiration|id|enabled|header|issuer|endpoint|type|policy|rotation)s?$/;

/** Only names, and what a value looks like, are ever read; the value itself is not. */
export function judge({ configKeys, variables }: Pick<NamespaceFacts, "configKeys" | "variables">): Judgement {
  const suspicious = [...(configKeys ?? []), ...(variables ?? [])].filter(isSuspicious);
  if (suspicious.length > 0) {
    const [first] = suspicious;
    const others = suspicious.length > 1 ? `, and ${suspicious.length - 1} more` : "";
    return fails(
      `${first?.place} has ${first?.name}, which ${first?.shape === null ? "is named like a secret" : `looks like ${first?.shape}`}${others}.`,
      suspicious.map(({ place, name, shape }) => ({ place, name, shape })),
    );
  }
  if (configKeys === null) return unknown("Config maps could not be read.");
  if (variables === null) return unknown("Workloads could not be read.");
  return passes("No key or variable is named like a secret or looks like one.");
}

function isSuspicious({ name, shape }: ConfigurationName): boolean {
  if (shape !== null) return true;
  // "dbPassword" is "db_Password".
  const words = name.replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2").toLowerCase();
  return SECRET_WORDS.test(words) && !ABOUT_A_SECRET.test(words);
}
