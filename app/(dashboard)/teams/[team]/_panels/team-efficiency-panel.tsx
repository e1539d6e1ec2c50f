import Link from "next/link";
import { formatAmount, formatExact } from "#lib/domain/format.ts";
import type { DayRange } from "#lib/domain/period.ts";
import { readTeamEfficiency } from "#lib/services/cluster-bill/read-team-efficiency.ts";
import type { TeamEfficiencyView } from "#lib/services/cluster-bill/cluster-bill-view.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import { ErrorState } from "#app/_components/ui/states.tsx";
import { attempt } from "#app/_server/attempt.ts";
import { Part } from "#app/(dashboard)/sprawl/_components/part.tsx";
import { PlainTable } from "#app/(dashboard)/sprawl/_components/plain-table.tsx";
import { namespaceHref } from "#app/(dashboard)/sprawl/hrefs.ts";
import { daysWords } from "#app/(dashboard)/sprawl/sprawl-words.ts";

const SHOWN = 8;

type TeamEfficiencyPanelProps = { context: ServiceContext; teamKey: string; range: DayRange; asOf: string | null };

/** How well the team's namespaces use what they ask for, and where the right size would save most. */
export async function TeamEfficiencyPanel({ context, teamKey, range, asOf }: TeamEfficiencyPanelProps) {
  const answer = await attempt(() => readTeamEfficiency(context, { teamKey, ...range, basis: "effective" }));
  return (
    <Part id="efficiency" title="Used of what was requested" of={`now, ${daysWords(range)}`} isLong>
      {answer.error === null ? <Figures view={answer.value} asOf={asOf} /> : <ErrorState error={answer.error} />}
    </Part>
  );
}

function Figures({ view, asOf }: { view: TeamEfficiencyView; asOf: string | null }) {
  const known = [
    { label: "CPU", share: view.cpu },
    { label: "Memory", share: view.memory },
    { label: "GPU", share: view.gpu },
  ].filter(({ share }) => share !== null);
  if (known.length === 0)
    return <p className="text-soft">Not known: the use of its namespaces was not observed in these days.</p>;
  const rows = view.namespaces.filter(({ efficiency }) => Number(efficiency.saving ?? "0") > 0);
  return (
    <>
      <p className="flex flex-wrap gap-x-8 gap-y-1">
        {known.map(({ label, share }) => (
          <span key={label}>
            <span className="font-semibold">{((share ?? 0) * 100).toFixed(0)} %</span>{" "}
            <span className="text-soft">of {label}</span>
          </span>
        ))}
        {view.savings.map(({ currency, amount }) => (
          <span key={currency}>
            <span className="font-semibold" title={formatExact(amount, currency)}>
              {formatAmount(amount, currency)} {currency}
            </span>{" "}
            <span className="text-soft">would have been saved by the right size</span>
          </span>
        ))}
      </p>
      {rows.length === 0 ? null : (
        <PlainTable
          caption="Where the right size would have saved most"
          rows={rows}
          rowKey={({ clusterKey, namespace, uid }) => `${clusterKey} ${namespace} ${uid ?? ""}`}
          shown={SHOWN}
          columns={[
            {
              header: "Namespace",
              cell: ({ clusterKey, namespace }) => (
                <>
                  <Link
                    href={`${namespaceHref({ clusterKey, name: namespace }, asOf)}#cost`}
                    prefetch={false}
                    className="way-down break-all"
                  >
                    {namespace}
                  </Link>{" "}
                  <span className="text-xs text-soft">{clusterKey}</span>
                </>
              ),
            },
            {
              header: "Would have saved",
              isRight: true,
              cell: ({ efficiency: { saving, currency } }) =>
                saving === null ? "not known" : `${formatAmount(saving, currency ?? undefined)} ${currency ?? ""}`,
            },
            {
              header: "Why",
              cell: ({ efficiency: { resources } }) => (
                <span className="text-xs text-soft">
                  {resources
                    .filter(({ advice }) => advice === "lower")
                    .map(({ reason }) => reason)
                    .join(" ")}
                </span>
              ),
              className: "hidden md:table-cell",
            },
          ]}
        />
      )}
    </>
  );
}
