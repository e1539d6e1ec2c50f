"use client";

import dynamic from "next/dynamic";
import { useRouter } from "next/navigation";
import { useState } from "react";
import type { WaiverView } from "#lib/services/waivers/waiver-view.ts";
import { Button } from "#app/_components/ui/button.tsx";
import { tell } from "#app/_components/ui/toast.tsx";
import { useEndWaiver } from "#app/_queries/compliance.ts";
import { errorViewOf } from "#app/_queries/fetch-json.ts";

const load = () =>
  import("#app/(dashboard)/compliance/_components/decide-waiver-dialog.tsx").then(
    (module) => module.DecideWaiverDialog,
  );
const DecideWaiverDialog = dynamic(load, { ssr: false });

/** What this person may do about a waiver now. */
export function WaiverActions({ waiver }: { waiver: WaiverView }) {
  const router = useRouter();
  const [isDeciding, setDeciding] = useState(false);
  const end = useEndWaiver();
  const { id, rule, may, state } = waiver;
  return (
    <span className="inline-flex gap-1">
      {may.decide ? (
        <Button
          size="small"
          onClick={() => setDeciding(true)}
          onPointerEnter={() => void load()}
          aria-label={`Decide about ${rule.title}`}
        >
          Decide
        </Button>
      ) : null}
      {may.end ? (
        <Button
          size="small"
          look="quiet"
          disabled={end.isPending}
          aria-label={`${state === "waiting" ? "Take back" : "End"} the waiver of ${rule.title}`}
          onClick={() =>
            end.mutate(id, {
              onSuccess: () => {
                tell({ title: "The waiver has ended.", detail: "What fails is an open failure again." });
                router.refresh();
              },
              onError: (thrown) => {
                const { message, remedy } = errorViewOf(thrown);
                tell({ title: message, detail: remedy ?? undefined, isWrong: true });
              },
            })
          }
        >
          {state === "waiting" ? "Take back" : "End"}
        </Button>
      ) : null}
      {isDeciding ? <DecideWaiverDialog waiver={waiver} onClose={() => setDeciding(false)} /> : null}
    </span>
  );
}
