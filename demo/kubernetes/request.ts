import { StatusError, UnknownPath } from "#demo/kubernetes/status.ts";

/** What a path and a method ask for. */
export type Asked =
  | { what: "discovery"; path: string }
  | { what: "health" }
  | {
      what: "resource";
      verb: string;
      group: string;
      version: string;
      resource: string;
      subresource: string;
      namespace: string | undefined;
      name: string;
    };

const HEALTH = ["healthz", "livez", "readyz"];
const NAMESPACE_SUBRESOURCES = ["finalize", "status"];

/** Reads "/apis/apps/v1/namespaces/x/deployments/y/scale". @throws UnknownPath where no API begins so. */
export function readPath(method: string, path: string, query: URLSearchParams): Asked {
  const parts = path
    .split("/")
    .filter((part) => part !== "")
    .map(decode);
  const [first = "", ...others] = parts;
  if (HEALTH.includes(first)) return { what: "health" };
  if (first === "version" || (first === "api" && others.length <= 1) || (first === "apis" && others.length <= 2))
    return { what: "discovery", path: parts.join("/") };
  if (first !== "api" && first !== "apis") throw new UnknownPath();
  const [group = "", version = "", ...rest] = first === "api" ? ["", ...others] : others;
  const isInside =
    rest[0] === "namespaces" &&
    rest.length > 2 &&
    !(rest.length === 3 && NAMESPACE_SUBRESOURCES.includes(rest[2] ?? ""));
  const [resource = "", name = "", subresource = "", ...excess] = isInside ? rest.slice(2) : rest;
  if (excess.length > 0) throw new UnknownPath();
  return {
    what: "resource",
    verb: verbOf(method, name, query),
    group,
    version,
    resource,
    subresource,
    namespace: isInside ? rest[1] : undefined,
    name,
  };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new UnknownPath();
  }
}

function verbOf(method: string, name: string, query: URLSearchParams): string {
  switch (method) {
    case "GET":
      if (name !== "") return "get";
      return ["1", "true", "True", "t", ""].includes(query.get("watch") ?? "no") ? "watch" : "list";
    case "POST":
      return "create";
    case "PUT":
      return "update";
    case "PATCH":
      return "patch";
    case "DELETE":
      return name === "" ? "deletecollection" : "delete";
    default:
      throw new StatusError("MethodNotAllowed", "the server does not allow this method on the requested resource", {});
  }
}
