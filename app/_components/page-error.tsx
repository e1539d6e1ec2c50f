"use client";

import { Button } from "#app/_components/ui/button.tsx";
import { ErrorState } from "#app/_components/ui/states.tsx";

/** What a page's error.tsx shows: a failure that no panel could put in words. */
export function PageError({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  return (
    <ErrorState
      error={{
        message: "This page could not be drawn. Nothing was changed.",
        remedy: "Try again. If it happens again, give your administrator the id below; it stands in the log.",
        place: null,
        id: error.digest ?? "",
      }}
      action={<Button onClick={reset}>Try again</Button>}
    />
  );
}
