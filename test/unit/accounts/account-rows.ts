import type { AccountRow, UnitNode } from "#lib/services/accounts/accounts-view.ts";

export const NOBODY: AccountRow["owner"] = { team: null, strength: "none", confidence: null, reasons: [], claims: [] };

export function owned(key: string, strength: AccountRow["owner"]["strength"] = "explicit"): AccountRow["owner"] {
  return { ...NOBODY, team: { key, name: key.toUpperCase() }, strength };
}

type Member = { unitId: string; state?: string };

/** An account of AWS with what a test says of it; `member` null = no organisation lists it. */
export function account(accountId: string, member: Member | null, given: Partial<AccountRow> = {}): AccountRow {
  return {
    provider: "AWS",
    accountId,
    name: `name-${accountId}`,
    presence: member === null ? "cost-only" : "both",
    membership: member && {
      state: "ACTIVE",
      stateSeenAt: "2026-11-01T00:00:00.000Z",
      isFirstLook: false,
      joinedAt: null,
      joinedMethod: null,
      isManagement: false,
      mail: `${accountId}@example.com`,
      tags: {},
      delegatedServices: [],
      unitNames: [],
      ...member,
    },
    owner: NOBODY,
    amount: "1",
    previous: null,
    change: null,
    spark: [],
    ...given,
  };
}

export function unit(unitId: string, parentId: string | null): UnitNode {
  return { unitId, parentId, name: unitId.toUpperCase(), path: unitId, accounts: 0, amount: "0" };
}

/** root > work > prod, and root > sandbox. */
export const UNITS: UnitNode[] = [
  unit("root", null),
  unit("work", "root"),
  unit("prod", "work"),
  unit("sandbox", "root"),
];
