import type { WaiverScope, WaiverState } from "#lib/domain/posture/waiver.ts";

/** One accepted risk, or one that somebody asks to accept, as it stood at the instant that was asked for. Instants are ISO, UTC. */
export type WaiverView = {
  id: number;
  rule: { key: string; title: string };
  scope: {
    kind: WaiverScope;
    key: string;
    /** What people call it; the key where nothing better is known. "everything" for all. */
    name: string;
  };
  reason: string;
  requestedBy: string;
  requestedAt: string;
  validFrom: string;
  /** Exclusive. */
  endsAt: string;
  decision: "approved" | "refused" | null;
  decidedBy: string | null;
  decidedAt: string | null;
  decisionNote: string | null;
  endedAt: string | null;
  endedBy: string | null;
  state: WaiverState;
  /** Whole days until it ends; negative = ago. */
  daysLeft: number;
  /** What the actor may do about it now; nothing of the past. */
  may: { decide: boolean; end: boolean };
};

export type WaiversView = {
  waivers: WaiverView[];
  /** How many there are in each state, whatever the list is narrowed to. */
  counts: Record<WaiverState, number>;
  /** True where there are more than are listed. */
  isCut: boolean;
};

export type WaiversQuery = {
  /** null = now. */
  asOf: Date | null;
  states: readonly WaiverState[];
  ruleKey: string | null;
};
