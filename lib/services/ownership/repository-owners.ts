import type { Claim } from "#lib/domain/ownership/claim.ts";
import type { DirectoryView } from "#lib/domain/ownership/directory-view.ts";
import { comparable } from "#lib/domain/tags.ts";

/** Groups of a Git server nest: so many of a repository's path are looked at. */
const MOST_SEGMENTS = 10;

/**
 * The directory with the repositories that claims name, each given to the team whose key, name or alias a group of its path is called
 * by: "https://git.example.com/motor-claims/deploy.git" is motor-claims'. The repository's own name does not count: "deploy" is nobody.
 * What the directory says of a repository stays.
 */
export function withRepositoryOwners(directory: DirectoryView, claims: Iterable<readonly Claim[]>): DirectoryView {
  const teams = new Map(
    directory.teams.flatMap(({ key, name, aliases }) => [key, name, ...aliases].map((text) => [comparable(text), key])),
  );
  const repositories: Record<string, string> = {};
  for (const own of claims)
    for (const { names } of own) {
      if (names.kind !== "repository" || names.value in repositories) continue;
      const group = groupsOf(names.value).findLast((segment) => teams.has(comparable(segment)));
      const team = group === undefined ? undefined : teams.get(comparable(group));
      if (team !== undefined) repositories[names.value] = team;
    }
  return { ...directory, repositories: { ...repositories, ...directory.repositories } };
}

/** The path between the server and the repository's own name: ["motor-claims"]. */
function groupsOf(repository: string): string[] {
  const path = repository
    .trim()
    .replace(/^[a-z+]+:\/\//i, "")
    .replace(/^[^/@]*@/, "")
    .replace(/^([^/:]+):(?!\d+\/)/, "$1/")
    .replace(/\/+$/, "");
  return path.split("/").slice(1, -1).slice(0, MOST_SEGMENTS);
}
