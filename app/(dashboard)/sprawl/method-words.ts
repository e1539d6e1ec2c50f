import { formatDay } from "#lib/domain/format.ts";
import type { ClusterMethodView } from "#lib/services/cluster-bill/cluster-bill-view.ts";

export const METHOD_LABELS: Record<ClusterMethodView["method"], string> = {
  opencost: "OpenCost",
  "aws-split-cost": "AWS split cost",
  requests: "By requests",
};

export const METHOD_MEANINGS: Record<ClusterMethodView["method"], string> = {
  opencost: "each pays for the larger of what it requested and what it used",
  "aws-split-cost": "weights of 9 to 1 for CPU to memory; each pays for the larger of reserved and used",
  requests: "each pays for what it requested",
};

const IDLE_MEANINGS: Record<ClusterMethodView["idle"], string> = {
  separate: "idle capacity is kept apart",
  "by-use": "idle capacity is spread by use",
  owner: "idle capacity is the cluster's owner's",
};

/** How a bill is split, in a sentence: method, idle capacity and shared namespaces. */
export function methodWords(method: ClusterMethodView): string {
  return `Split by ${METHOD_LABELS[method.method]}: ${METHOD_MEANINGS[method.method]}; ${idleWords(method)}; ${sharedWords(method)}.`;
}

export function idleWords({ idle, idlePer }: ClusterMethodView): string {
  return `${IDLE_MEANINGS[idle]}${idle === "by-use" ? `, per ${idlePer}` : ""}`;
}

function sharedWords({ shared }: ClusterMethodView): string {
  if (shared.names.length === 0) return "no namespace is shared";
  const how = shared.how === "even" ? "evenly" : shared.how === "by-use" ? "by use" : "by fixed weights";
  return `shared namespaces are carried by the others ${how}`;
}

/** Since when, and by whom: "since 1 Nov 2026, saved by alice@example.com". */
export function methodSince({ validFrom, savedBy, id }: ClusterMethodView): string {
  const since = validFrom === null ? "from the beginning" : `since ${formatDay(validFrom)}`;
  if (id === null) return `${since}, Bursar's default`;
  return savedBy === null ? since : `${since}, saved by ${savedBy}`;
}
