import type { Amount } from "#lib/domain/money.ts";
import type { Day } from "#lib/domain/period.ts";
import type { ChainPart } from "#lib/domain/trail/change-chain.ts";
import type { CostAround, CostMove } from "#lib/domain/trail/cost-around.ts";

/** What came before and after a change. */
export type ChainView =
  /** Nothing was changed, so that nothing has to be looked for. */
  | { state: "none"; why: "read" | "denied" | "dropped" | "own" }
  | {
      state: "looked";
      tickets: ShownPart & {
        /** Whether any change request ever came; false = there is nothing that could have been found. */
        isKnown: boolean;
      };
      /** By the change windows that are set now; null = none are. */
      isInWindow: boolean | null;
      /** Approved waivers, named owners and exemptions of the time before, about the same thing. `seq` null: not in the trail yet. */
      decisions: { seq: number | null; at: string; by: string; sentence: string }[];
      decidedSince: string;
      deploys: ShownPart & { from: string; to: string; sources: string[] };
      /** "sign-in": by signing in nothing is changed. Null: the event tells of no account and of no namespace. */
      cost: ChainCost | "sign-in" | null;
    };

/** The best of what was found. `isCut`: there may be more. */
export type ShownPart = ChainPart & { isCut: boolean };

export type ChainCost = {
  of:
    | {
        kind: "namespace";
        clusterKey: string;
        namespace: string;
        /** False where only the trail or the bill knows it, so that no page tells of it. */
        hasPage: boolean;
      }
    | { kind: "account"; accountId: string };
  /** Effective cost of UTC days, `[from, to)`, around the day of the change; `to` may lie in the future. */
  from: Day;
  to: Day;
  day: Day;
  /** The day on which it was asked: no day after it has any cost yet. */
  today: Day;
  /** One per currency, the largest first; empty = no cost is known of it. */
  sections: (CostAround & { currency: string; values: (Amount | null)[]; moves: CostMove[] })[];
  /** When the newest figures were made; null = never. */
  madeAt: string | null;
  /** Days from here on may still change; null = none, or not told. */
  estimatedFrom: Day | null;
};
