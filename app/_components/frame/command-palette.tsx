"use client";

import { useRouter, useSearchParams } from "next/navigation";
import { useState } from "react";
import { periodOf, addMonths } from "#lib/domain/period.ts";
import { formatPeriod } from "#lib/domain/format.ts";
import { Dialog } from "#app/_components/ui/dialog.tsx";
import { TextInput } from "#app/_components/ui/field.tsx";
import { classNames } from "#app/_components/ui/class-names.ts";
import type { Section } from "#app/_components/frame/sections.ts";
import { useSpendOptions } from "#app/_queries/spend-options.ts";

type Command = { id: string; group: string; label: string; detail: string | null; href: string };

const SHOWN = 12;
/** As long as what the audit trail is searched for. */
const MOST_CHARACTERS = 500;
const RECENT_MONTHS = 13;

/** Goes anywhere by typing: pages, months, teams, services, and what only the audit trail knows. Arrow keys choose, Enter goes. */
export function CommandPalette({ sections, onClose }: { sections: Section[]; onClose: () => void }) {
  const router = useRouter();
  const asOf = useSearchParams().get("asOf");
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState(0);
  const commands = useCommands(sections);
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  const shown = [
    ...commands
      .filter((command) =>
        words.every((word) => `${command.group} ${command.label} ${command.detail ?? ""}`.toLowerCase().includes(word)),
      )
      .slice(0, SHOWN),
    ...trailSearch(sections, text.trim()),
  ];

  function go(command: Command | undefined): void {
    if (command === undefined) return;
    onClose();
    const separator = command.href.includes("?") ? "&" : "?";
    router.push(asOf === null ? command.href : `${command.href}${separator}asOf=${encodeURIComponent(asOf)}`);
  }

  return (
    <Dialog open onClose={onClose} title="Go to" width="w-[min(34rem,calc(100vw-2rem))]">
      <TextInput
        // The palette exists to be typed into.
        autoFocus
        role="combobox"
        aria-expanded="true"
        aria-controls="palette-list"
        aria-activedescendant={shown[chosen] === undefined ? undefined : `palette-${chosen}`}
        aria-label="Page, month, team or service"
        maxLength={MOST_CHARACTERS}
        placeholder="Page, month, team or service"
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setChosen(0);
        }}
        onKeyDown={(event) => {
          if (event.key === "ArrowDown") setChosen(Math.min(chosen + 1, shown.length - 1));
          else if (event.key === "ArrowUp") setChosen(Math.max(chosen - 1, 0));
          else if (event.key === "Enter") go(shown[chosen]);
          else return;
          event.preventDefault();
        }}
      />
      <div id="palette-list" role="listbox" aria-label="Places" className="mt-2">
        {shown.map((command, index) => (
          <button
            key={command.id}
            id={`palette-${index}`}
            type="button"
            role="option"
            tabIndex={-1}
            aria-selected={index === chosen}
            onMouseMove={() => setChosen(index)}
            onClick={() => go(command)}
            className={classNames(
              "flex h-8 w-full items-center gap-3 rounded-md px-2 text-left",
              index === chosen && "bg-hover",
            )}
          >
            <span className="w-24 shrink-0 text-xs text-soft">{command.group}</span>
            <span className="truncate">{command.label}</span>
            {command.detail === null ? null : (
              <span className="ml-auto truncate text-xs text-soft">{command.detail}</span>
            )}
          </button>
        ))}
      </div>
      {shown.length === 0 ? <p className="px-2 py-3 text-soft">Nothing has this name.</p> : null}
    </Dialog>
  );
}

/** People, and namespaces that no inventory has, are found by the trail, for whoever has its page. */
function trailSearch(sections: readonly Section[], text: string): Command[] {
  if (text === "" || !sections.some(({ key }) => key === "audit")) return [];
  return [
    {
      id: "trail",
      group: "Audit",
      label: `Search the audit trail for “${text}”`,
      detail: null,
      href: `/audit?${new URLSearchParams({ q: text }).toString()}`,
    },
  ];
}

function useCommands(sections: Section[]): Command[] {
  const [now] = useState(() => periodOf(new Date()));
  const teams = useSpendOptions({ dimension: "team", period: now.slice(0, 4), asOf: null });
  const services = useSpendOptions({ dimension: "service", period: now.slice(0, 4), asOf: null });
  return [
    ...sections.map((section) => ({
      id: section.key,
      group: "Page",
      label: section.label,
      detail: null,
      href: section.href,
    })),
    ...Array.from({ length: RECENT_MONTHS }, (_, index) => {
      const period = addMonths(now, -index);
      return {
        id: period,
        group: "Month",
        label: formatPeriod(period),
        detail: period,
        href: `/spend?period=${period}`,
      };
    }),
    ...(teams.data ?? [])
      .filter(({ key }) => key !== "")
      .map((option) => ({
        id: `team ${option.key}`,
        group: "Team",
        label: option.label,
        detail: option.detail,
        href: `/spend?by=service&team=${encodeURIComponent(option.key)}`,
      })),
    ...(services.data ?? []).map((option) => ({
      id: `service ${option.key}`,
      group: "Service",
      label: option.label,
      detail: option.detail,
      href: `/spend?service=${encodeURIComponent(option.key)}`,
    })),
  ];
}
