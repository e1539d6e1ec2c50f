import { addDays, dayOf, daysIn, type DayRange } from "#lib/domain/period.ts";
import {
  formatAmount,
  formatCount,
  formatDay,
  formatDayOfMonth,
  formatExact,
  formatInstant,
} from "#lib/domain/format.ts";
import type { Money, NamespaceState, OwnerStrength } from "#lib/services/sprawl/sprawl-view.ts";
import type { FacetKey } from "#app/(dashboard)/sprawl/sprawl-state.ts";

export const STATE_LABELS: Record<NamespaceState, string> = {
  used: "Used",
  unused: "Unused",
  asleep: "Asleep",
  unknown: "Not known",
  terminating: "Being deleted",
};

export const STRENGTH_LABELS: Record<OwnerStrength, string> = {
  explicit: "Explicit",
  derived: "Derived",
  weak: "Weak",
  contested: "Contested",
  none: "No owner",
};

const AGE_LABELS: Record<string, string> = {
  days: "Under 30 days",
  weeks: "30 to 90 days",
  months: "90 days to a year",
  years: "Over a year",
  unknown: "Not told",
};

const PROVIDER_LABELS: Record<string, string> = {
  ecs: "ECS",
  eks: "EKS",
  aks: "AKS",
  gke: "GKE",
  rancher: "Rancher",
  other: "Other",
};

export function providerLabel(provider: string): string {
  return PROVIDER_LABELS[provider] ?? provider;
}

/** What a value of a filter is called; `label` is the service's own word for it. */
export function facetValueLabel(key: FacetKey, value: string, label: string = value): string {
  if (key === "strengths") return STRENGTH_LABELS[value as OwnerStrength] ?? value;
  if (key === "states") return STATE_LABELS[value as NamespaceState] ?? value;
  if (key === "ages") return AGE_LABELS[value] ?? value;
  if (key === "providers") return providerLabel(value);
  return value === "" ? "Nobody" : label;
}

/** "1 namespace", "1 204 namespaces". */
export function namespacesWords(count: number): string {
  return countWords(count, "namespace");
}

export function countWords(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** Amounts of several currencies never add, so that each is named: "1 204.40 EUR and 12.00 USD". */
export function moneyWords(costs: readonly Money[]): string {
  return costs.map(({ amount, currency }) => `${formatAmount(amount, currency)} ${currency}`).join(" and ");
}

/** The same with every decimal, for whoever points at it. */
export function exactWords(costs: readonly Money[]): string {
  return costs.map(({ amount, currency }) => `${formatExact(amount, currency)} ${currency}`).join(" and ");
}

/** "22 Oct – 20 Nov 2026"; the last day is the last one counted. */
export function daysWords({ from, to }: DayRange): string {
  const last = addDays(to, -1);
  if (from === last) return formatDay(from);
  const first = from.slice(0, 4) === last.slice(0, 4) ? formatDayOfMonth(from) : formatDay(from);
  return `${first} – ${formatDay(last)}`;
}

/** How long ago a day or an instant was: "today", "12 d", "5 mo", "3 y". */
export function agoWords(instant: string, now: Date): string {
  const from = dayOf(new Date(instant));
  const to = dayOf(now);
  const days = from < to ? daysIn({ from, to }) : 0;
  if (days === 0) return "today";
  if (days < 60) return `${days} d`;
  return days < 730 ? `${Math.floor(days / 30.44)} mo` : `${Math.floor(days / 365.25)} y`;
}

/** GiB of storage; whole numbers, as most are, without decimals. */
export function gibWords(gib: string): string {
  return formatAmount(gib).replace(/\.00$/, "");
}

/** A sentence of the domain as people read it: instants of a machine become those of the rest of the page. */
export function readable(sentence: string): string {
  return sentence.replaceAll(/\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z/g, (instant) => formatInstant(instant));
}
