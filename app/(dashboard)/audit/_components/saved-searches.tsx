"use client";

import { X } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useEffect, useState } from "react";
import { formatCount } from "#lib/domain/format.ts";
import type { TrailSearch } from "#lib/services/trail/search/trail-search.ts";
import type { SavedSearchView } from "#lib/services/trail/search/trail-view.ts";
import { Button } from "#app/_components/ui/button.tsx";
import { TextInput } from "#app/_components/ui/field.tsx";
import { ErrorState } from "#app/_components/ui/states.tsx";
import { errorViewOf } from "#app/_queries/fetch-json.ts";
import { useOpenSearch, useRemoveSearch, useSaveSearch } from "#app/_queries/trail.ts";
import { savedHref } from "#app/(dashboard)/audit/search-params.ts";

type SavedSearchesProps = {
  saved: SavedSearchView[];
  /** False where the list could not be read. */
  isKnown: boolean;
  /** The one that is open now. */
  open: number | null;
  /** What could be saved; null = nothing is looked for. */
  search: TrailSearch | null;
};

/** The searches that somebody keeps, each with how many events are new to them, and the way to keep the one that is open. */
export function SavedSearches({ saved, isKnown, open, search }: SavedSearchesProps) {
  const router = useRouter();
  const remove = useRemoveSearch();
  const { mutate: markOpened } = useOpenSearch();
  const isOpen = saved.some(({ id }) => id === open);
  useEffect(() => {
    if (open !== null && isOpen) markOpened(open);
  }, [open, isOpen, markOpened]);
  return (
    <section aria-label="Saved searches" className="mt-2 text-xs print:hidden">
      {isKnown ? null : <p className="text-soft">Your saved searches could not be read.</p>}
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
        {saved.length === 0 ? null : (
          <ul aria-label="Saved" className="contents">
            {saved.map((one) => (
              <li key={one.id} className="inline-flex min-h-6 items-center gap-1">
                <Link
                  href={savedHref(one)}
                  prefetch={false}
                  aria-current={one.id === open ? "page" : undefined}
                  className="link"
                >
                  {one.name}
                </Link>
                <News of={one} isOpen={one.id === open} />
                <button
                  type="button"
                  aria-label={`Remove the search ${one.name}`}
                  disabled={remove.isPending}
                  className="inline-flex size-6 items-center justify-center rounded-md text-soft hover:bg-hover"
                  onClick={() => remove.mutate(one.id, { onSuccess: () => router.refresh() })}
                >
                  <X aria-hidden className="size-3" />
                </button>
              </li>
            ))}
          </ul>
        )}
        {search === null || isOpen ? null : <SaveForm key={JSON.stringify(search)} search={search} />}
      </div>
      {remove.error === null ? null : <ErrorState error={errorViewOf(remove.error)} />}
    </section>
  );
}

function News({ of: { news, name }, isOpen }: { of: SavedSearchView; isOpen: boolean }) {
  if (news === null || news.count === 0 || isOpen) return null;
  const count = `${formatCount(news.count)}${news.isAtLeast ? "+" : ""}`;
  return (
    <span
      className="rounded-full bg-accent px-1.5 font-medium text-on-accent tabular-nums"
      aria-label={`${count} new in ${name}`}
    >
      {count} new
    </span>
  );
}

function SaveForm({ search }: { search: TrailSearch }) {
  const router = useRouter();
  const save = useSaveSearch();
  const [name, setName] = useState<string | null>(null);
  const [isWatched, setWatched] = useState(true);
  if (name === null)
    return (
      <Button size="small" onClick={() => setName("")}>
        Save this search
      </Button>
    );
  return (
    <form
      aria-label="Save this search"
      className="flex flex-wrap items-center gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate(
          { name, search, isWatched },
          {
            onSuccess: ({ id }) => router.push(savedHref({ id, search })),
          },
        );
      }}
    >
      <TextInput
        aria-label="Name"
        autoFocus
        required
        maxLength={80}
        placeholder="Its name"
        value={name}
        className="w-48"
        onChange={(event) => setName(event.target.value)}
      />
      <label className="inline-flex min-h-6 items-center gap-1.5">
        <input type="checkbox" checked={isWatched} onChange={(event) => setWatched(event.target.checked)} />
        Count what is new
      </label>
      <Button type="submit" size="small" look="primary" disabled={save.isPending || name.trim() === ""}>
        Save
      </Button>
      {save.error === null ? null : <ErrorState error={errorViewOf(save.error)} />}
    </form>
  );
}
