import { AppError } from "#lib/errors.ts";
import type { NeededAccess } from "#lib/sources/kubernetes/client.ts";

/** The server has forgotten the revision that a list was begun at, so that its next page cannot be had. */
export class ExpiredPage extends Error {
  constructor(kind: string) {
    super(`The list of ${kind} expired between two pages.`);
    this.name = "ExpiredPage";
  }
}

const REPEATED = [408, 429, 500, 502, 503, 504];
const CERTIFICATE_ERRORS = [
  "CERT_HAS_EXPIRED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
];

/** True where the same request may be answered a little later. */
export function isWorthRepeating(status: number): boolean {
  return REPEATED.includes(status);
}

/** The one place where an API server's refusals get their class: by the status. */
export function classifyAnswer(
  { status, text }: { status: number; text: string },
  cluster: string,
  { kind, why, rbacLine }: NeededAccess,
): Error {
  switch (status) {
    case 401:
      return new AppError("invalid_config", `The cluster ${cluster} does not accept the credentials of the source.`, {
        remedy: "Check the token, certificate or role of the cluster in bursar.yaml, and the clock of this machine.",
      });
    case 403:
      return new AppError("denied", `The cluster ${cluster} does not allow to list ${kind}: ${why} cannot be read.`, {
        remedy:
          rbacLine === null
            ? "Give Bursar's user there what every signed-in user has: system:discovery and system:basic-user."
            : `Add to the ClusterRole that Bursar has there: ${rbacLine}`,
      });
    case 404:
      return new AppError("not_found", `The cluster ${cluster} does not serve ${kind}.`);
    case 410:
      return new ExpiredPage(kind);
    case 429:
      return new AppError("throttled", `The cluster ${cluster} kept asking to slow down while ${kind} was read.`, {
        remedy: "Nothing needs to be done: the next run tries again.",
      });
    default:
      return status >= 500 || status === 408
        ? new AppError("unavailable", `The cluster ${cluster} did not answer for ${kind} (${status}).`, {
            remedy: "The next run tries again.",
          })
        : new AppError("bad_data", `The cluster ${cluster} refused ${kind} (${status}): ${reasonOf(text)}`);
  }
}

/** What went wrong before there was an answer. */
export function classifyFailure(thrown: unknown, cluster: string): AppError {
  if (thrown instanceof AppError) return thrown;
  const code = codeOf(thrown);
  if (CERTIFICATE_ERRORS.includes(code))
    return new AppError("invalid_config", `The certificate of the cluster ${cluster} cannot be verified (${code}).`, {
      remedy: "Give the cluster its certificate authority: in the kubeconfig, or as eks.certificateAuthority.",
      cause: thrown,
    });
  return new AppError("unavailable", `The cluster ${cluster} cannot be reached (${code || "no answer"}).`, {
    remedy: "Check that its API server can be reached from here; the next run tries again.",
    cause: thrown,
  });
}

/** The network's code stands in the cause of what fetch throws. */
function codeOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return "";
  if ("code" in thrown && typeof thrown.code === "string") return thrown.code;
  return codeOf(thrown.cause) || (thrown.name === "TimeoutError" ? "timeout" : "");
}

/** The message of a Status, cut to a line. */
function reasonOf(text: string): string {
  return (/"message":\s*"((?:[^"\\]|\\.)*)"/.exec(text)?.[1] ?? text).slice(0, 200);
}
