import type { Actor, Role } from "#lib/access/actor.ts";

/** What can be allowed. Reads first, then writes. */
export const PERMISSIONS = [
  "spend:read",
  "rules:read",
  "sources:read",
  "directory:read",
  "activity:read",
  "spend:export",
  "sprawl:read",
  "sprawl:export",
  "compliance:read",
  "compliance:export",
  "reports:read",
  "evidence:read",
  "rules:write",
  "periods:close",
  "sources:pull",
  "directory:write",
  "owners:write",
  "exemptions:write",
  "trail:seal",
  "heads:publish",
  "waivers:request",
  "waivers:decide",
  "evidence:write",
  "budgets:write",
  "holds:write",
  "people:pseudonymise",
] as const;
export type Permission = (typeof PERMISSIONS)[number];

const READS: readonly Permission[] = [
  "spend:read",
  "rules:read",
  "sources:read",
  "directory:read",
  "spend:export",
  "sprawl:read",
  "sprawl:export",
  "compliance:read",
  "compliance:export",
  "reports:read",
  "evidence:read",
];

const GRANTS: Record<Role, readonly Permission[]> = {
  admin: PERMISSIONS,
  system: PERMISSIONS,
  // Who accepts a risk runs none of the machines that it is about; who asks for that never decides (a check of the database).
  finance: [
    ...READS,
    "activity:read",
    "rules:write",
    "periods:close",
    "budgets:write",
    "waivers:request",
    "waivers:decide",
    "evidence:write",
  ],
  auditor: [...READS, "activity:read", "holds:write", "heads:publish"],
  platform: [...READS, "sources:pull", "owners:write", "exemptions:write", "waivers:request", "evidence:write"],
  // A member's reads are narrowed to the own team by the services. Evidence by hand is about no team: a member sees that it is there.
  member: [
    "spend:read",
    "spend:export",
    "sprawl:read",
    "sprawl:export",
    "compliance:read",
    "compliance:export",
    "reports:read",
    "waivers:request",
  ],
};

export function isAllowed(actor: Actor, permission: Permission): boolean {
  return GRANTS[actor.role].includes(permission);
}
