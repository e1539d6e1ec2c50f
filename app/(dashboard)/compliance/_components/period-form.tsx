"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { addDays, day } from "#lib/domain/period.ts";
import { Button } from "#app/_components/ui/button.tsx";
import { INPUT_CLASS } from "#app/_components/ui/field.tsx";
import { classNames } from "#app/_components/ui/class-names.ts";

/** Any days; the last one counts, as people mean it. @param href the page without a period. */
export function PeriodForm({ period, href }: { period: string | null; href: string }) {
  const router = useRouter();
  const [start = "", end] = period?.includes("..") === true ? period.split("..") : [];
  const [from, setFrom] = useState(start);
  const [last, setLast] = useState(end === undefined ? "" : addDays(day(end), -1));
  const isReadable = from !== "" && last !== "" && from <= last;
  return (
    <form
      className="flex items-center gap-1"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isReadable) return;
        const url = new URL(href, window.location.origin);
        url.searchParams.set("period", `${from}..${addDays(day(last), 1)}`);
        router.push(`${url.pathname}${url.search}`, { scroll: false });
      }}
    >
      <DayInput label="First day, UTC" value={from} onChange={setFrom} />
      <span aria-hidden>–</span>
      <DayInput label="Last day, UTC" value={last} onChange={setLast} />
      <Button type="submit" size="small" disabled={!isReadable}>
        Read
      </Button>
    </form>
  );
}

function DayInput({ label, value, onChange }: { label: string; value: string; onChange: (value: string) => void }) {
  return (
    <input
      type="date"
      aria-label={label}
      value={value}
      onChange={(event) => onChange(event.target.value)}
      className={classNames(INPUT_CLASS, "h-7 w-auto text-xs")}
    />
  );
}
