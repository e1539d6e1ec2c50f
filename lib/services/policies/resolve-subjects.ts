import { ownersOfGroups } from "#lib/domain/ownership/subject-claims.ts";
import type { DirectoryView } from "#lib/domain/ownership/directory-view.ts";
import type { SubjectFacts } from "#lib/policies/facts.ts";

export type Subject = { kind: string; name: string; namespace: string | null };

/** Whose team a subject of a binding is in, by the directory as it stands; null where nobody knows. */
export function subjectResolver(
  directory: DirectoryView,
  ownerGroups: readonly string[],
): (subject: Subject) => SubjectFacts {
  const teamOf = new Map<string, string>();
  for (const { key, name, aliases } of directory.teams)
    for (const text of [...aliases, name, key]) teamOf.set(text.toLowerCase(), key);
  const teamOfMail = new Map(
    directory.people.flatMap(({ mail, teamKey }) => (teamKey === null ? [] : [[mail.toLowerCase(), teamKey] as const])),
  );
  return (subject) => {
    const [owner] = ownersOfGroups([subject], new Map(), ownerGroups);
    const value = owner?.names.value.toLowerCase() ?? "";
    const teamKey = subject.kind === "Group" ? teamOf.get(value) : teamOfMail.get(value);
    return { ...subject, teamKey: teamKey ?? null };
  };
}
