"use client";

import {
  Boxes,
  ChartColumnStacked,
  CircleDashed,
  Database,
  FileArchive,
  FileSearch,
  LayoutList,
  Network,
  PanelLeft,
  ScrollText,
  ShieldCheck,
  Split,
} from "lucide-react";
import Link from "next/link";
import { usePathname, useSearchParams } from "next/navigation";
import { useState } from "react";
import { classNames } from "#app/_components/ui/class-names.ts";
import type { Section, SectionKey } from "#app/_components/frame/sections.ts";

const ICONS: Record<SectionKey, typeof Database> = {
  overview: LayoutList,
  spend: ChartColumnStacked,
  accounts: Network,
  unallocated: CircleDashed,
  rules: Split,
  sprawl: Boxes,
  compliance: ShieldCheck,
  audit: FileSearch,
  reports: FileArchive,
  sources: Database,
  activity: ScrollText,
};

const COLLAPSED_COOKIE = "bursar-rail=collapsed";

/** Left rail; icons alone when collapsed; a bar along the bottom on narrow screens. */
export function Rail({ sections, startsCollapsed }: { sections: Section[]; startsCollapsed: boolean }) {
  const [isCollapsed, setCollapsed] = useState(startsCollapsed);
  const pathname = usePathname();
  const asOf = useSearchParams().get("asOf");
  const current = sections
    .filter(({ href }) => pathname === href || (href !== "/" && pathname.startsWith(`${href}/`)))
    .toSorted((a, b) => b.href.length - a.href.length)
    .map(({ key, within }) => within ?? key)[0];

  function toggle(): void {
    setCollapsed(!isCollapsed);
    document.cookie = isCollapsed
      ? "bursar-rail=; path=/; max-age=0"
      : `${COLLAPSED_COOKIE}; path=/; max-age=31536000; samesite=lax`;
  }

  return (
    <nav
      aria-label="Sections"
      className={classNames(
        "fixed inset-x-0 bottom-0 z-20 flex overflow-x-auto border-t border-line bg-sunk md:sticky md:top-0 md:h-dvh md:flex-col md:border-t-0 md:border-r md:px-2 md:py-3 print:hidden",
        isCollapsed ? "md:w-12" : "md:w-44",
      )}
    >
      <Link
        href="/"
        aria-label="Bursar, overview"
        className="mb-3 hidden h-8 items-center px-2 font-semibold tracking-tight md:flex"
      >
        {isCollapsed ? "B" : "Bursar"}
      </Link>
      {sections
        .filter(({ within }) => within === undefined)
        .map((section) => {
          const Icon = ICONS[section.key];
          const isCurrent = section.key === current;
          return (
            <Link
              key={section.key}
              href={asOf === null ? section.href : `${section.href}?asOf=${encodeURIComponent(asOf)}`}
              prefetch={false}
              aria-current={isCurrent ? "page" : undefined}
              title={isCollapsed ? section.label : undefined}
              className={classNames(
                "flex min-h-12 min-w-17 flex-1 flex-col items-center justify-center gap-0.5 text-[0.6875rem] md:min-h-8 md:min-w-0 md:flex-none md:flex-row md:justify-start md:gap-2 md:rounded-md md:px-2 md:text-sm",
                isCurrent ? "bg-accent-soft font-medium text-accent" : "text-soft hover:bg-hover hover:text-ink",
              )}
            >
              <Icon size={16} strokeWidth={1.75} aria-hidden className="shrink-0" />
              <span className={classNames(isCollapsed && "md:sr-only")}>{section.label}</span>
            </Link>
          );
        })}
      <button
        type="button"
        onClick={toggle}
        aria-expanded={!isCollapsed}
        aria-label={isCollapsed ? "Widen the rail" : "Narrow the rail"}
        className="mt-auto hidden h-8 items-center rounded-md px-2 text-soft hover:bg-hover hover:text-ink md:flex"
      >
        <PanelLeft size={16} aria-hidden />
      </button>
    </nav>
  );
}
