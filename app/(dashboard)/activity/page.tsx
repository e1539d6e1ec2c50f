import type { Metadata } from "next";
import Link from "next/link";
import { listActivity } from "#lib/services/activity/list-activity.ts";
import { buttonClass } from "#app/_components/ui/button.tsx";
import { ErrorState } from "#app/_components/ui/states.tsx";
import { attempt } from "#app/_server/attempt.ts";
import { pathWith } from "#app/_server/path-with.ts";
import { requireContext } from "#app/_session.ts";
import { ActivityTable } from "#app/(dashboard)/activity/_components/activity-table.tsx";
import { activityHref, parseActivityParams } from "#app/(dashboard)/activity/search-params.ts";

export const metadata: Metadata = { title: "Activity" };

const PAGE_SIZE = 100;

export default async function ActivityPage({
  searchParams,
}: {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  const raw = await searchParams;
  const context = await requireContext(pathWith("/activity", raw));
  const params = parseActivityParams(raw);
  const answer = await attempt(() => listActivity(context, { ...params, limit: PAGE_SIZE }));
  return (
    <>
      <h1 className="text-xl">Who did what, and when?</h1>
      <p className="mt-1 mb-4 text-soft">The log only grows: no entry can be changed or removed.</p>
      {answer.error === null ? (
        <>
          {params.action === null ? null : (
            <p className="mb-3 text-xs">
              Only <strong className="font-semibold">{params.action}</strong>.{" "}
              <Link href="/activity" className="link">
                Show all
              </Link>
            </p>
          )}
          <ActivityTable rows={answer.value.rows} />
          <nav aria-label="Pages of the log" className="mt-3 flex gap-2 print:hidden">
            {params.before === null ? null : (
              <Link href={activityHref({ ...params, before: null })} className={buttonClass("plain", "small")}>
                Newest
              </Link>
            )}
            {answer.value.next === null ? null : (
              <Link
                href={activityHref({ ...params, before: answer.value.next })}
                className={buttonClass("plain", "small")}
              >
                Older
              </Link>
            )}
          </nav>
        </>
      ) : (
        <ErrorState error={answer.error} />
      )}
    </>
  );
}
