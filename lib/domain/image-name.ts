type ImageName = { repository: string; tag: string | null; digest: string | null };

const DOCKER_HUB = "docker.io";
/** Of old, and how scanners call it. */
const OLD_DOCKER_HUB = "index.docker.io";

/**
 * Whether two names mean the same image: "nginx:1.27" is "docker.io/library/nginx:1.27". Where both have a digest it decides, otherwise the
 * tag; a tag and a digest alone cannot be compared, and are not the same.
 *
 * The rules by which short names are made long are those of Docker: https://github.com/distribution/reference/blob/main/normalize.go
 */
export function isSameImage(left: string, right: string): boolean {
  if (left === right) return true;
  const [one, other] = [parseImageName(left), parseImageName(right)];
  if (one.repository !== other.repository) return false;
  if (one.digest !== null && other.digest !== null) return one.digest === other.digest;
  return one.tag !== null && one.tag === other.tag;
}

function parseImageName(image: string): ImageName {
  const [named = "", digest = null] = image.split("@");
  const colon = named.lastIndexOf(":");
  // A colon before the last slash is that of a registry's port.
  const hasTag = colon > named.lastIndexOf("/");
  const tag = hasTag ? named.slice(colon + 1) : digest === null ? "latest" : null;
  return { repository: longNameOf(hasTag ? named.slice(0, colon) : named), tag, digest };
}

function longNameOf(name: string): string {
  const slash = name.indexOf("/");
  const first = slash === -1 ? "" : name.slice(0, slash);
  const isRegistry = /[.:]/.test(first) || first === "localhost";
  const registry = !isRegistry || first === OLD_DOCKER_HUB ? DOCKER_HUB : first;
  const path = isRegistry ? name.slice(slash + 1) : name;
  return `${registry}/${registry === DOCKER_HUB && !path.includes("/") ? "library/" : ""}${path}`;
}
