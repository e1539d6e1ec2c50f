import { formatInstant } from "#lib/domain/format.ts";

/** How well something is known to belong to a change: it names it, it fits it, it merely is near. */
export type ChainStrength = "explicit" | "derived" | "weak";

/** A change whose chain is asked for, with what it can be named by. */
export type Change = {
  at: Date;
  actor: string;
  person: string | null;
  resource: string;
  clusterKey: string | null;
  namespace: string | null;
  accountId: string | null;
  /** What cost data call the account; null = they do not know it. */
  accountName: string | null;
};

/** The newest version of a change request whose planned time has the change in it. */
export type TicketFact = {
  /** The entry of the log that tells of this version. */
  seq: number;
  number: string;
  /** When this version was written. */
  updatedAt: Date;
  /** What it is about, by its item; "" = not told. */
  item: string;
  person: string | null;
  from: Date;
  to: Date;
  isApproved: boolean;
  /** When the first version that was approved was written, of those that came; null = none was. */
  approvedAt: Date | null;
};

/** Something that a deployer's trail tells of the time around the change. */
export type DeployFact = {
  seq: number;
  at: Date;
  kind: "argocd" | "terraform";
  action: string;
  resource: string;
  /** Where it was deployed to; null = its trail does not tell. */
  clusterKey: string | null;
  namespace: string | null;
  actor: string;
  person: string | null;
  outcome: "success" | "failure" | "denied";
};

/** One link of the chain: the event that is its evidence, and why it is believed. `why`: whole sentences. */
export type ChainLink = { seq: number; at: string; title: string; strength: ChainStrength; why: string };

/** What was found, best first, and how many that were looked at do not belong to the change. */
export type ChainPart = { links: ChainLink[]; others: number };

/** A deploy is told when it ends, or when its trail is written, so that it can come a little after what it changed. */
export const DEPLOY_BEFORE_MS = 60 * 60_000;
export const DEPLOY_AFTER_MS = 15 * 60_000;

/** What Argo CD tells besides is what became of an application: its health, its settings. */
const DEPLOYMENTS: ReadonlySet<string> = new Set(["Deployed", "OperationStarted", "OperationCompleted"]);

const ORDER: readonly ChainStrength[] = ["explicit", "derived", "weak"];
/** Shorter names are words that anything has. */
const SHORTEST_NAME = 4;

/**
 * Change requests that may have approved a change that happened in their planned time: one that is assigned to whoever did it, or that names what was
 * changed. What is neither is counted only.
 */
export function approvalsOf(change: Change, tickets: readonly TicketFact[]): ChainPart {
  const links = tickets.flatMap((ticket): ChainLink[] => {
    const { number, item, person, from, to, isApproved, approvedAt } = ticket;
    const isWho = person !== null && person === change.person;
    const name = nameIn(item, change);
    if (!isWho && name === null) return [];
    const isInTime = approvedAt !== null && approvedAt <= change.at;
    const isGood = isApproved && isWho && isInTime;
    const why = [
      isApproved ? "Approved" : "Not approved, or called off",
      `planned from ${formatInstant(from)} to ${formatInstant(to)}`,
      isWho
        ? `assigned to ${person}, who did it`
        : person === null
          ? "to whom it is assigned is not known"
          : `assigned to ${person}, who did not do it`,
      name === null ? "it does not name what was changed" : `it names ${name}`,
    ].join("; ");
    const late =
      isApproved && !isInTime && approvedAt !== null
        ? ` The first version of it that was approved is of ${formatInstant(approvedAt)}, after the change.`
        : "";
    const strength = !isGood ? "weak" : name === null ? "derived" : "explicit";
    return [{ seq: ticket.seq, at: ticket.updatedAt.toISOString(), title: number, strength, why: `${why}.${late}` }];
  });
  return partOf(change, links, tickets.length);
}

/** Deploys near a change that name what was changed, that did it by their own machine, or that the same person asked for. */
export function deploysOf(change: Change, deploys: readonly DeployFact[]): ChainPart {
  const links = deploys.flatMap((deploy): ChainLink[] => {
    const reason = deployReason(change, deploy);
    if (reason === null) return [];
    const { seq, at, action, resource, person, actor, outcome } = deploy;
    const by = person ?? actor;
    const ended = outcome === "success" ? "" : outcome === "failure" ? " It failed." : " It was refused.";
    const title = [action, resource].filter(Boolean).join(" ");
    const why = `${reason.why}; ${distanceWords(at.getTime() - change.at.getTime())}; by ${by}.${ended}`;
    return [{ seq, at: at.toISOString(), title, strength: reason.strength, why }];
  });
  return partOf(change, links, deploys.length);
}

function deployReason(change: Change, deploy: DeployFact): { strength: ChainStrength; why: string } | null {
  const { kind, action, resource, clusterKey, namespace, person } = deploy;
  const title = kind === "argocd" ? "Argo CD" : "Terraform";
  // What was deployed to another cluster did nothing here, whatever it is called.
  if (clusterKey !== null && change.clusterKey !== null && clusterKey !== change.clusterKey) return null;
  if (kind === "argocd" && namespace !== null && namespace === change.namespace) {
    const where = clusterKey === null ? "; in which cluster is not known" : ` of the cluster ${clusterKey}`;
    return DEPLOYMENTS.has(action)
      ? { strength: "explicit", why: `Deployed to the namespace ${namespace}${where}` }
      : { strength: "derived", why: `About what is deployed to the namespace ${namespace}${where}` };
  }
  const run = /(?:^|\/)(run-[A-Za-z0-9]{8,})$/.exec(resource)?.[1];
  if (run !== undefined && change.actor.includes(run))
    return { strength: "explicit", why: `The name of whoever did it has the run ${run} in it` };
  // An application that deploys elsewhere may have the same name.
  const name = namespace === null || change.namespace === null ? nameIn(resource, change) : null;
  if (name !== null) return { strength: "derived", why: `It names ${name}` };
  if (person !== null && person === change.person)
    return { strength: "weak", why: "The same person asked for it, but it does not name what was changed" };
  if (change.actor.toLowerCase().includes(kind === "argocd" ? "argocd" : "terraform"))
    return {
      strength: "weak",
      why: `It was done by ${title}'s own user; this deploy does not name what was changed`,
    };
  return null;
}

/** What of the change a text names, as whole words; null = nothing. */
function nameIn(text: string, { namespace, accountId, accountName, clusterKey, resource }: Change): string | null {
  const words = new Set(
    text
      .toLowerCase()
      .split(/[^a-z0-9._-]+/)
      .filter(Boolean),
  );
  // Of something in a namespace the last part is "api" or "settings", which says nothing.
  const last = namespace === null ? (resource.split(/[/:]/).at(-1) ?? "") : "";
  return (
    [namespace, accountName, accountId, last, clusterKey].find(
      (name): name is string => name !== null && name.length >= SHORTEST_NAME && words.has(name.toLowerCase()),
    ) ?? null
  );
}

function partOf(change: Change, links: readonly ChainLink[], seen: number): ChainPart {
  const distance = ({ at }: ChainLink) => Math.abs(Date.parse(at) - change.at.getTime());
  const sorted = links.toSorted(
    (a, b) => ORDER.indexOf(a.strength) - ORDER.indexOf(b.strength) || distance(a) - distance(b) || a.seq - b.seq,
  );
  return { links: sorted, others: seen - links.length };
}

function distanceWords(ms: number): string {
  const seconds = Math.round(Math.abs(ms) / 1000);
  const length = seconds < 90 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
  return `${length} ${ms <= 0 ? "before" : "after"} the change`;
}
