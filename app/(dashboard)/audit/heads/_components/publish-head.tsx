"use client";

import { useRouter } from "next/navigation";
import { Button } from "#app/_components/ui/button.tsx";
import { ErrorState } from "#app/_components/ui/states.tsx";
import { tell } from "#app/_components/ui/toast.tsx";
import { errorViewOf } from "#app/_queries/fetch-json.ts";
import { usePublishHead } from "#app/_queries/trail.ts";
import { formatCount } from "#lib/domain/format.ts";

/** Publishes the log's head now, not only when the next five minutes are over. */
export function PublishHead() {
  const router = useRouter();
  const publish = usePublishHead();
  return (
    <>
      <Button
        disabled={publish.isPending}
        onClick={() =>
          publish.mutate(undefined, {
            onSuccess: ({ size, failed }) => {
              tell({
                title:
                  size === null
                    ? "Nothing is new since the newest head."
                    : `The head of ${formatCount(size)} entries is published.`,
                ...(failed.length === 0 ? {} : { detail: "It is not everywhere yet: see below." }),
              });
              router.refresh();
            },
          })
        }
      >
        {publish.isPending ? "Publishing…" : "Publish now"}
      </Button>
      {publish.error === null ? null : <ErrorState error={errorViewOf(publish.error)} />}
    </>
  );
}
