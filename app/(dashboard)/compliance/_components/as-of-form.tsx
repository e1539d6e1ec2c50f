"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { Button } from "#app/_components/ui/button.tsx";
import { INPUT_CLASS } from "#app/_components/ui/field.tsx";
import { classNames } from "#app/_components/ui/class-names.ts";

/** Any instant, in UTC. @param href the page without an instant. */
export function AsOfForm({ asOf, href }: { asOf: string | null; href: string }) {
  const router = useRouter();
  const [text, setText] = useState(asOf === null ? "" : asOf.slice(0, 16));
  const isReadable = text !== "" && !Number.isNaN(Date.parse(`${text}Z`));
  return (
    <form
      className="flex items-center gap-1"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isReadable) return;
        const url = new URL(href, window.location.origin);
        url.searchParams.set("asOf", new Date(`${text}Z`).toISOString());
        router.push(`${url.pathname}${url.search}`, { scroll: false });
      }}
    >
      <input
        type="datetime-local"
        aria-label="Another instant, UTC"
        value={text}
        onChange={(event) => setText(event.target.value)}
        className={classNames(INPUT_CLASS, "h-7 w-auto text-xs")}
      />
      <Button type="submit" size="small" disabled={!isReadable}>
        Read
      </Button>
    </form>
  );
}
