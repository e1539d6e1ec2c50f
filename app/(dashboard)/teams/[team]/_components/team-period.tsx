"use client";

import { useRouter } from "next/navigation";
import { useTransition } from "react";
import { PeriodPicker } from "#app/(dashboard)/spend/_components/period-picker.tsx";
import { teamHref, withParams } from "#app/(dashboard)/sprawl/hrefs.ts";

/** Which days the spend is of. */
export function TeamPeriod({ teamKey, period, asOf }: { teamKey: string; period: string; asOf: string | null }) {
  const router = useRouter();
  const [isPending, startTransition] = useTransition();
  return (
    <div role="group" aria-label="Question" aria-busy={isPending} className="print:hidden">
      <PeriodPicker
        key={period}
        period={period}
        onChange={(next) =>
          startTransition(() =>
            router.push(withParams(teamHref(teamKey, null), { period: next, asOf }), { scroll: false }),
          )
        }
      />
    </div>
  );
}
