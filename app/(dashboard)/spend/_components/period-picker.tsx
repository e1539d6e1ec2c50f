"use client";

import { ChevronLeft, ChevronRight } from "lucide-react";
import { useState } from "react";
import { addDays, addMonths, billingPeriod, day, daysIn, periodOf, type BillingPeriod } from "#lib/domain/period.ts";
import { Button } from "#app/_components/ui/button.tsx";
import { classNames } from "#app/_components/ui/class-names.ts";
import { Field, TextInput } from "#app/_components/ui/field.tsx";
import { Popover } from "#app/_components/ui/popover.tsx";
import { periodWords } from "#app/(dashboard)/spend/period-words.ts";

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const QUARTERS = ["Q1", "Q2", "Q3", "Q4"];

/** Month, quarter, year or days; the arrows step by as much as is shown. */
export function PeriodPicker({ period, onChange }: { period: string; onChange: (period: string) => void }) {
  const [isOpen, setOpen] = useState(false);
  const [year, setYear] = useState(Number(period.slice(0, 4)));
  const choose = (next: string): void => {
    setOpen(false);
    onChange(next);
  };
  const cell = (value: string, label: string) => (
    <button
      key={value}
      type="button"
      aria-pressed={period === value}
      onClick={() => choose(value)}
      className={classNames(
        "h-8 rounded-md",
        period === value ? "bg-accent-soft font-medium text-accent" : "hover:bg-hover",
      )}
    >
      {label}
    </button>
  );
  return (
    <div role="group" aria-label="Period" className="inline-flex items-center">
      <Button className="rounded-r-none px-2" aria-label="Period before" onClick={() => onChange(stepped(period, -1))}>
        <ChevronLeft size={14} aria-hidden />
      </Button>
      <Popover
        open={isOpen}
        onOpenChange={setOpen}
        label="Choose a period"
        className="w-72 p-3"
        trigger={<Button className="-mx-px min-w-28 rounded-none">{periodWords(period)}</Button>}
      >
        <div className="mb-2 flex items-center justify-between">
          <Button look="quiet" size="small" aria-label="Year before" onClick={() => setYear(year - 1)}>
            <ChevronLeft size={14} aria-hidden />
          </Button>
          <button
            type="button"
            aria-pressed={period === String(year)}
            onClick={() => choose(String(year))}
            className={classNames(
              "h-8 rounded-md px-4 font-medium",
              period === String(year) ? "bg-accent-soft text-accent" : "hover:bg-hover",
            )}
          >
            {year}
          </button>
          <Button look="quiet" size="small" aria-label="Year after" onClick={() => setYear(year + 1)}>
            <ChevronRight size={14} aria-hidden />
          </Button>
        </div>
        <div className="grid grid-cols-4 gap-1">
          {QUARTERS.map((quarter) => cell(`${year}-${quarter}`, quarter))}
          {MONTHS.map((month, index) => cell(`${year}-${String(index + 1).padStart(2, "0")}`, month))}
        </div>
        <CustomRange onChoose={choose} />
      </Popover>
      <Button className="rounded-l-none px-2" aria-label="Period after" onClick={() => onChange(stepped(period, 1))}>
        <ChevronRight size={14} aria-hidden />
      </Button>
    </div>
  );
}

function CustomRange({ onChoose }: { onChoose: (period: string) => void }) {
  const [from, setFrom] = useState("");
  const [last, setLast] = useState("");
  const isReadable = from !== "" && last !== "" && from <= last;
  return (
    <form
      className="mt-3 space-y-2 border-t border-line pt-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (isReadable) onChoose(`${from}..${addDays(day(last), 1)}`);
      }}
    >
      <div className="grid grid-cols-2 gap-2">
        <Field label="First day">
          <TextInput type="date" value={from} onChange={(event) => setFrom(event.target.value)} />
        </Field>
        <Field label="Last day">
          <TextInput type="date" value={last} onChange={(event) => setLast(event.target.value)} />
        </Field>
      </div>
      <Button type="submit" disabled={!isReadable} className="w-full">
        Show these days
      </Button>
    </form>
  );
}

/** The period before or after, as long as this one. */
function stepped(period: string, by: 1 | -1): string {
  if (period.includes("..")) {
    const [from = "", to = ""] = period.split("..");
    const length = daysIn({ from: day(from), to: day(to) }) * by;
    return `${addDays(day(from), length)}..${addDays(day(to), length)}`;
  }
  if (/^\d{4}$/.test(period)) return String(Number(period) + by);
  if (!period.includes("Q")) return addMonths(billingPeriod(period), by);
  const moved: BillingPeriod = addMonths(
    billingPeriod(`${period.slice(0, 4)}-${String(Number(period.slice(-1)) * 3).padStart(2, "0")}`),
    3 * by,
  );
  return `${periodOf(day(`${moved}-01`)).slice(0, 4)}-Q${Math.ceil(Number(moved.slice(5)) / 3)}`;
}
