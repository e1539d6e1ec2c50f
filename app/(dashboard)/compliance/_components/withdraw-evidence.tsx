"use client";

import { useRouter } from "next/navigation";
import { Button } from "#app/_components/ui/button.tsx";
import { tell } from "#app/_components/ui/toast.tsx";
import { useWithdrawManualEvidence } from "#app/_queries/compliance.ts";
import { errorViewOf } from "#app/_queries/fetch-json.ts";

/** Takes a piece of evidence back. It stays on record; only new evidence undoes it. */
export function WithdrawEvidence({ id, fileName }: { id: number; fileName: string }) {
  const router = useRouter();
  const withdraw = useWithdrawManualEvidence();
  return (
    <Button
      look="quiet"
      size="small"
      aria-label={`Take ${fileName} back`}
      disabled={withdraw.isPending}
      onClick={() =>
        withdraw.mutate(id, {
          onSuccess: () => {
            tell({ title: `${fileName} counts no more.` });
            router.refresh();
          },
          onError: (thrown) => {
            const { message, remedy } = errorViewOf(thrown);
            tell({ title: message, detail: remedy ?? undefined, isWrong: true });
          },
        })
      }
    >
      Take back
    </Button>
  );
}
