"use client";

import { History } from "lucide-react";
import { usePathname, useRouter, useSearchParams } from "next/navigation";
import { useState } from "react";
import { formatInstant } from "#lib/domain/format.ts";
import { Button } from "#app/_components/ui/button.tsx";
import { Field, TextInput } from "#app/_components/ui/field.tsx";
import { Popover } from "#app/_components/ui/popover.tsx";

/** Sets the instant that every page is read at: what was published then, under the ownership and rules of then. */
export function AsOfPicker() {
  const { asOf, go } = useAsOf();
  const [isOpen, setOpen] = useState(false);
  const [text, setText] = useState("");
  const isReadable = text !== "" && !Number.isNaN(Date.parse(`${text}Z`));

  function choose(instant: string | null): void {
    setOpen(false);
    go(instant);
  }

  return (
    <Popover
      title="Read everything as of"
      align="end"
      open={isOpen}
      onOpenChange={setOpen}
      trigger={
        <Button
          look="quiet"
          className="px-2 font-normal"
          aria-label={asOf === null ? "As of now. Change." : `As of ${formatInstant(asOf)}. Change.`}
        >
          <History size={14} aria-hidden />
          <span className="hidden text-xs sm:inline">{asOf === null ? "Now" : "As of"}</span>
        </Button>
      }
    >
      <form
        className="space-y-3"
        onSubmit={(event) => {
          event.preventDefault();
          if (isReadable) choose(new Date(`${text}Z`).toISOString());
        }}
      >
        <Field label="Instant, UTC" help="What was published then, under the ownership and the rules of then.">
          <TextInput type="datetime-local" step={1} value={text} onChange={(event) => setText(event.target.value)} />
        </Field>
        <div className="flex flex-wrap gap-2">
          <Button type="submit" look="primary" disabled={!isReadable}>
            Read as of then
          </Button>
          <Button onClick={() => choose(endOfLastMonth())}>End of last month</Button>
          {asOf === null ? null : <Button onClick={() => choose(null)}>Now</Button>}
        </div>
      </form>
    </Popover>
  );
}

/** The quiet band over the page while it is read as of a past instant. */
export function AsOfBand() {
  const { asOf, go } = useAsOf();
  if (asOf === null || Number.isNaN(Date.parse(asOf))) return null;
  return (
    <p
      role="status"
      className="flex flex-wrap items-center gap-3 border-b border-line bg-accent-soft px-4 py-1 text-xs md:px-6"
    >
      <span>
        As of <strong className="font-semibold">{formatInstant(asOf)}</strong>
      </span>
      <button type="button" className="link min-h-6 print:hidden" onClick={() => go(null)}>
        Back to now
      </button>
    </p>
  );
}

function useAsOf(): { asOf: string | null; go: (instant: string | null) => void } {
  const router = useRouter();
  const pathname = usePathname();
  const search = useSearchParams();
  return {
    asOf: search.get("asOf"),
    go: (instant) => {
      const params = new URLSearchParams(search);
      if (instant === null) params.delete("asOf");
      else params.set("asOf", instant);
      router.push(params.size === 0 ? pathname : `${pathname}?${params.toString()}`);
    },
  };
}

function endOfLastMonth(): string {
  const now = new Date();
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1) - 1000).toISOString();
}
