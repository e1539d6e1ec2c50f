"use client";

import { Moon, Search, Sun, SunMoon } from "lucide-react";
import dynamic from "next/dynamic";
import Link from "next/link";
import { usePathname, useRouter } from "next/navigation";
import { useEffect, useState } from "react";
import type { Actor } from "#lib/access/actor.ts";
import { AsOfPicker } from "#app/_components/frame/as-of-picker.tsx";
import type { Section } from "#app/_components/frame/sections.ts";
import { Button } from "#app/_components/ui/button.tsx";
import { Popover } from "#app/_components/ui/popover.tsx";
import { sendJson } from "#app/_queries/fetch-json.ts";

// Few visits open it; its list and its dialog are fetched when one does.
const CommandPalette = dynamic(
  () => import("#app/_components/frame/command-palette.tsx").then((module) => module.CommandPalette),
  { ssr: false },
);

type TopLineProps = { actor: Actor; sections: Section[]; theme: Theme };

export function TopLine({ actor, sections, theme }: TopLineProps) {
  const [isPaletteOpen, setPaletteOpen] = useState(false);
  useEffect(() => {
    function onKey(event: KeyboardEvent): void {
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      setPaletteOpen(true);
    }
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);

  return (
    <header className="flex min-h-11 flex-wrap items-center gap-x-2 gap-y-1 border-b border-line px-4 py-1 md:px-6 print:hidden">
      <Breadcrumb sections={sections} />
      <div className="ml-auto flex items-center gap-1">
        <Button look="quiet" onClick={() => setPaletteOpen(true)} aria-keyshortcuts="Control+K Meta+K">
          <Search size={14} aria-hidden />
          <span className="sr-only">Go to</span>
          <kbd className="hidden font-sans text-xs text-soft sm:inline">Ctrl K</kbd>
        </Button>
        <AsOfPicker />
        <ThemeSwitch initial={theme} />
        <Person actor={actor} />
      </div>
      {isPaletteOpen ? <CommandPalette sections={sections} onClose={() => setPaletteOpen(false)} /> : null}
    </header>
  );
}

function Breadcrumb({ sections }: { sections: Section[] }) {
  const pathname = usePathname();
  const trail = sections.filter(({ href }) => href !== "/" && (pathname === href || pathname.startsWith(`${href}/`)));
  const open = trail.length === 0 ? sections.filter(({ href }) => href === pathname) : trail;
  const crumbs = open.flatMap((section) => [...sections.filter(({ key }) => key === section.within), section]);
  return (
    <nav aria-label="Breadcrumb">
      <ol className="flex items-center gap-1.5 text-xs text-soft">
        {crumbs.map((crumb, index) => (
          <li key={crumb.key} className="flex items-center gap-1.5">
            {index === 0 ? null : <span aria-hidden>/</span>}
            {index === crumbs.length - 1 ? (
              <span aria-current="page">{crumb.label}</span>
            ) : (
              <Link href={crumb.href} prefetch={false} className="hover:text-ink">
                {crumb.label}
              </Link>
            )}
          </li>
        ))}
      </ol>
    </nav>
  );
}

export type Theme = "light" | "dark" | "system";
const NEXT_THEME: Record<Theme, Theme> = { system: "light", light: "dark", dark: "system" };
const THEME_ICONS = { light: Sun, dark: Moon, system: SunMoon };

function ThemeSwitch({ initial }: { initial: Theme }) {
  const [theme, setTheme] = useState(initial);
  const Icon = THEME_ICONS[theme];
  function choose(next: Theme): void {
    setTheme(next);
    if (next === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = next;
    document.cookie = `bursar-theme=${next}; path=/; max-age=${next === "system" ? 0 : 31_536_000}; samesite=lax`;
  }
  return (
    <Button
      look="quiet"
      className="px-2"
      aria-label={`Theme: ${theme}. Change to ${NEXT_THEME[theme]}.`}
      title={`Theme: ${theme}`}
      onClick={() => choose(NEXT_THEME[theme])}
    >
      <Icon size={14} aria-hidden />
    </Button>
  );
}

function Person({ actor }: { actor: Actor }) {
  const router = useRouter();
  async function signOut(): Promise<void> {
    await sendJson("DELETE", "/api/v1/session");
    router.push("/sign-in");
    router.refresh();
  }
  return (
    <Popover
      align="end"
      label="Who is signed in"
      className="w-56 p-3"
      trigger={
        <Button look="quiet" className="max-w-28 px-2 sm:max-w-40 text-xs font-normal">
          <span className="truncate">{actor.name}</span>
        </Button>
      }
    >
      <p className="font-medium">{actor.name}</p>
      <p className="text-xs break-words text-soft">{actor.id}</p>
      <p className="mt-1 text-xs text-soft">Role: {actor.role}</p>
      <Button className="mt-3 w-full" onClick={() => void signOut()}>
        Sign out
      </Button>
    </Popover>
  );
}
