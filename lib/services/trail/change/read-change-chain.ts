import { loadConfig } from "#lib/config.ts";
import {
  MOST_FACTS,
  readAccountName,
  readDecisions,
  readDeploys,
  readDeploySources,
  readTicketsAt,
  type DecisionRow,
} from "#lib/db/trail/read-chain.ts";
import { readEventRange, type StoredEvent } from "#lib/db/trail/read-event-range.ts";
import {
  approvalsOf,
  DEPLOY_AFTER_MS,
  DEPLOY_BEFORE_MS,
  deploysOf,
  type Change,
  type ChainPart,
} from "#lib/domain/trail/change-chain.ts";
import { keepClassOf } from "#lib/domain/trail/retention.ts";
import { isInWindows } from "#lib/domain/trail/change-window.ts";
import { AppError } from "#lib/errors.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { OWN_SOURCE } from "#lib/services/trail/append/seal-activity.ts";
import { sha256Hex } from "#lib/services/trail/append/seal-events.ts";
import type { ChainView, ShownPart } from "#lib/services/trail/change/chain-view.ts";
import { costOfChange } from "#lib/services/trail/change/cost-of-change.ts";

const DAY_MS = 86_400_000;
/** How long before a change a decision in Bursar may have been taken. */
const DECIDED_DAYS = 90;
/** Links that are shown of each part. */
const SHOWN = 5;

/**
 * Who approved a change, which deploy it came from, and which cost followed it. What is found is evidence and no proof: each link says by what it is
 * believed, and what was looked at is told where nothing is found. Whoever may not see the cost is refused by the verbs that read it.
 *
 * @throws AppError "not_found".
 */
export async function readChangeChain(context: ServiceContext, seq: number): Promise<ChainView> {
  await authorise(context, "activity:read", `chain of entry ${seq} of the trail`);
  const { pool } = context.database;
  const [event] = await readEventRange(pool, seq, seq + 1);
  if (!event) throw new AppError("not_found", `The log has no entry ${seq}.`);
  if (event.sourceKey === OWN_SOURCE) return { state: "none", why: "own" };
  if (event.verbClass === "read") return { state: "none", why: "read" };
  if (event.outcome === "denied") return { state: "none", why: "denied" };
  if (event.body === null && event.actor === "") return { state: "none", why: "dropped" };
  const at = event.occurredAt;
  const around = { from: new Date(at.getTime() - DEPLOY_BEFORE_MS), to: new Date(at.getTime() + DEPLOY_AFTER_MS) };
  const since = new Date(at.getTime() - DECIDED_DAYS * DAY_MS);
  const [accountName, tickets, hasTickets, sources, decisions, cost] = await Promise.all([
    event.accountId === null ? null : readAccountName(pool, event.accountId),
    readTicketsAt(pool, at),
    pool.query("SELECT FROM change_ticket LIMIT 1"),
    readDeploySources(pool),
    readDecisions(pool, event, { from: since, to: at }),
    keepClassOf(event) === "sign-in" ? ("sign-in" as const) : costOfChange(context, event),
  ]);
  const deploys = await readDeploys(pool, sha256Hex, sources, around);
  const { changeWindows } = loadConfig().audit;
  const change = changeOf(event, accountName);
  // A version of a change request, or a deploy, is no approval and no cause of itself.
  const others = <T extends { seq: number }>(facts: readonly T[]) => facts.filter((fact) => fact.seq !== seq);
  return {
    state: "looked",
    tickets: { ...shown(approvalsOf(change, others(tickets))), isKnown: hasTickets.rows.length > 0 },
    isInWindow: changeWindows.length === 0 ? null : isInWindows(changeWindows, at),
    decisions: decisions.map(toDecision),
    decidedSince: since.toISOString(),
    deploys: {
      ...shown(deploysOf(change, others(deploys))),
      from: around.from.toISOString(),
      to: around.to.toISOString(),
      sources: sources.map(({ title }) => title),
    },
    cost,
  };
}

function changeOf(event: StoredEvent, accountName: string | null): Change {
  const { occurredAt: at, actor, person, resource, clusterKey, namespace, accountId } = event;
  return { at, actor, person, resource, clusterKey, namespace, accountId, accountName };
}

function shown({ links, others }: ChainPart): ShownPart {
  return { links: links.slice(0, SHOWN), others, isCut: links.length > SHOWN || links.length + others >= MOST_FACTS };
}

function toDecision({ seq, at, actor, action, subject, before, after }: DecisionRow) {
  return { seq, at: at.toISOString(), by: actor, sentence: decisionSentence({ action, subject, before, after }) };
}

function decisionSentence({
  action,
  subject,
  before,
  after,
}: Pick<DecisionRow, "action" | "subject" | "before" | "after">): string {
  if (action === "waiver.approved")
    return `Accepted the risk of ${before?.ruleKey ?? "a rule"} on ${before?.scope ?? "it"} (${subject})${after?.note ? `: ${after.note}` : "."}`;
  const reason = after?.reason ? `: ${after.reason}` : ".";
  return action === "owner.overruled"
    ? `Named the team ${after?.teamKey ?? ""} as its owner${reason}`
    : `Decided that it is kept although nothing uses it${reason}`;
}
