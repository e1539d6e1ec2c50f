import type { Metadata } from "next";
import { isAllowed } from "#lib/access/permissions.ts";
import { listTeams } from "#lib/services/directory/list-teams.ts";
import { listFrameworkChoices } from "#lib/services/frameworks/list-framework-choices.ts";
import { listReports } from "#lib/services/reports/list-reports.ts";
import { readSigningKey } from "#lib/services/reports/read-signing-key.ts";
import { ErrorState } from "#app/_components/ui/states.tsx";
import { attempt } from "#app/_server/attempt.ts";
import { pathWith } from "#app/_server/path-with.ts";
import { requireContext } from "#app/_session.ts";
import { ReportForm } from "#app/(dashboard)/reports/_components/report-form.tsx";
import { ReportList } from "#app/(dashboard)/reports/_components/report-list.tsx";
import { VerifySteps } from "#app/(dashboard)/reports/_components/verify-steps.tsx";
import { parseReportsParams } from "#app/(dashboard)/reports/search-params.ts";

export const metadata: Metadata = { title: "Reports" };

const SHOWN = 50;

export default async function ReportsPage({
  searchParams,
}: {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  const raw = await searchParams;
  const context = await requireContext(pathWith("/reports", raw));
  const params = parseReportsParams(raw);
  const [reports, frameworks, teams, key] = await Promise.all([
    attempt(() => listReports(context, { limit: SHOWN, before: null })),
    attempt(() => listFrameworkChoices(context)),
    isAllowed(context.actor, "directory:read") ? attempt(() => listTeams(context)) : null,
    attempt(() => readSigningKey(context)),
  ]);
  return (
    <>
      <h1 className="text-xl">What can be taken away, and checked without us?</h1>
      <p className="mt-1 mb-5 max-w-prose text-soft">
        A report is a zip with the full population, a readable PDF and a signed manifest. The same question as of the
        same instant gives the same bytes.
      </p>
      {reports.error === null ? (
        <div className="space-y-8">
          <ReportForm
            key={`${params.kind} ${params.asOf}`}
            first={params}
            frameworks={frameworks.value ?? []}
            teams={(teams?.value ?? []).map(({ key: team, name }) => ({ key: team, label: name }))}
            mayReadLog={isAllowed(context.actor, "activity:read")}
            today={context.now.toISOString().slice(0, 10)}
          />
          <ReportList first={reports.value} />
          <VerifySteps signingKey={key.value} />
        </div>
      ) : (
        <ErrorState error={reports.error} />
      )}
    </>
  );
}
