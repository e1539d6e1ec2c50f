import { readOwnerText, type NamedOwner } from "#lib/domain/ownership/claim.ts";
import type { DatedClaim } from "#lib/domain/ownership/dated-claim.ts";

/** Who was given a role in a namespace. */
export type RoleBinding = {
  name: string;
  role: string;
  createdAt: Date | null;
  subjects: readonly { kind: string; name: string }[];
};

/** Roles that only look: who may look at a namespace does not own it. */
const LOOKING = /(^|[-_:.])(view|viewer|read|reader|readonly|get|list|audit|auditor|monitor|monitoring)([-_:.]|$)/i;
const ADMINISTERING = /(^|[-_:.])(admin|owner|cluster-admin)([-_:.]|$)/i;

/**
 * People and groups that administer the namespace, or where nobody does, those that may change it. Service accounts, and the users and
 * groups of Kubernetes itself, are nobody's.
 */
export function bindingClaims(
  bindings: readonly RoleBinding[],
  rancherUsers: ReadonlyMap<string, string>,
  ownerGroups: readonly string[],
): DatedClaim[] {
  const changing = bindings.filter(({ role }) => !LOOKING.test(role));
  const administering = changing.filter(({ role }) => ADMINISTERING.test(role));
  const claimsOf = (some: readonly RoleBinding[]) =>
    some.flatMap(({ name, role, createdAt, subjects }) =>
      ownersOfGroups(subjects, rancherUsers, ownerGroups).map(({ names, subject }): DatedClaim => ({
        origin: "role-binding",
        names,
        detail: `${name}: ${subject} as ${role}`,
        inherited: false,
        from: createdAt,
      })),
    );
  const strongest = claimsOf(administering);
  return strongest.length > 0 ? strongest : claimsOf(changing);
}

/** Whom users and groups stand for: a person by mail, a team by the name of its group. */
export function ownersOfGroups(
  subjects: readonly { kind: string; name: string }[],
  rancherUsers: ReadonlyMap<string, string>,
  ownerGroups: readonly string[],
): { names: NamedOwner; subject: string }[] {
  return subjects.flatMap(({ kind, name }) => {
    if (name.startsWith("system:") || (kind !== "User" && kind !== "Group")) return [];
    const subject = `${kind} ${name}`;
    if (kind === "User") return [{ names: personOfUser(name, rancherUsers), subject }];
    const names = readOwnerText(teamOfGroup(bareName(name), ownerGroups));
    return names === null ? [] : [{ names, subject }];
  });
}

/** A user as whoever signs people in calls them: a mail, one behind a prefix, or an id of Rancher's. */
export function personOfUser(user: string, rancherUsers: ReadonlyMap<string, string>): NamedOwner {
  const name = rancherUsers.get(user) ?? bareName(user);
  return readOwnerText(name) ?? { kind: "mail", value: user };
}

/** What stands behind the prefix of an identity provider: "oidc:team-claims", "keycloakoidc_group://team-claims". */
function bareName(name: string): string {
  return name.replace(/^.*:\/\//, "").replace(/^[^@]*:/, "");
}

function teamOfGroup(group: string, patterns: readonly string[]): string {
  const folded = group.toLowerCase();
  for (const pattern of patterns) {
    const [before = "", after] = pattern.toLowerCase().split("*");
    if (after === undefined || folded.length <= before.length + after.length) continue;
    if (folded.startsWith(before) && folded.endsWith(after))
      return group.slice(before.length, group.length - after.length);
  }
  return group;
}
