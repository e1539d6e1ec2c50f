import { isAllowed, type Permission } from "#lib/access/permissions.ts";
import type { Actor } from "#lib/access/actor.ts";

export type SectionKey =
  | "overview"
  | "spend"
  | "accounts"
  | "unallocated"
  | "rules"
  | "sprawl"
  | "compliance"
  | "audit"
  | "reports"
  | "sources"
  | "activity";
export type Section = {
  key: SectionKey;
  label: string;
  href: string;
  permission: Permission;
  /** The section whose page leads to it; left out = it stands in the rail itself. */
  within?: SectionKey;
};

const SECTIONS: readonly Section[] = [
  { key: "overview", label: "Overview", href: "/", permission: "spend:read" },
  { key: "spend", label: "Spend", href: "/spend", permission: "spend:read" },
  { key: "accounts", label: "Accounts", href: "/spend/accounts", permission: "spend:read" },
  { key: "unallocated", label: "Unallocated", href: "/spend/unallocated", permission: "rules:read" },
  { key: "rules", label: "Rules", href: "/spend/rules", permission: "rules:read" },
  { key: "sprawl", label: "Sprawl", href: "/sprawl", permission: "sprawl:read" },
  { key: "compliance", label: "Compliance", href: "/compliance", permission: "compliance:read" },
  { key: "audit", label: "Audit", href: "/audit", permission: "activity:read" },
  { key: "reports", label: "Reports", href: "/reports", permission: "reports:read" },
  { key: "sources", label: "Sources", href: "/sources", permission: "sources:read" },
  { key: "activity", label: "Activity", href: "/activity", permission: "activity:read", within: "audit" },
];

/** The sections that the actor's role may open, in their order. */
export function sectionsFor(actor: Actor): Section[] {
  return SECTIONS.filter((section) => isAllowed(actor, section.permission));
}
