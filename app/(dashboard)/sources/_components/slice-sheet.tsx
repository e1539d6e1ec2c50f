"use client";

import { useMemo, useState } from "react";
import { compareText } from "#lib/charts/compare-text.ts";
import { decimal, toAmount } from "#lib/domain/money.ts";
import { formatAmount, formatCount, formatExact, formatInstant } from "#lib/domain/format.ts";
import type { DifferenceRow, PublicationView, SliceView, SourceView } from "#lib/services/sources/source-view.ts";
import { errorViewOf } from "#app/_queries/fetch-json.ts";
import { useDifference, usePublications, useRequestPull } from "#app/_queries/sources.ts";
import { Button } from "#app/_components/ui/button.tsx";
import { classNames } from "#app/_components/ui/class-names.ts";
import { DataTable, type TableColumn } from "#app/_components/ui/data-table.tsx";
import { Dialog } from "#app/_components/ui/dialog.tsx";
import { EmptyState, ErrorState, TableSkeleton } from "#app/_components/ui/states.tsx";
import { tell } from "#app/_components/ui/toast.tsx";
import { periodWords } from "#app/(dashboard)/sources/_components/slice-calendar.tsx";
import { Totals } from "#app/(dashboard)/sources/_components/source-details.tsx";

const REASONS: Record<PublicationView["reason"], string> = {
  load: "First load",
  redelivery: "Delivered again",
  reallocation: "Allocated again",
};

type SliceSheetProps = { source: SourceView; slice: SliceView; canPull: boolean; onClose: () => void };

/** Every version of one period of one source, and what each changed. */
export function SliceSheet({ source, slice, canPull, onClose }: SliceSheetProps) {
  const [chosen, setChosen] = useState<number | null>(null);
  const pull = useRequestPull(source.key);
  return (
    <Dialog
      open
      place="side"
      onClose={onClose}
      title={`${source.title}, ${periodWords(slice.period)}`}
      description={slice.publishedAt === null ? "Not loaded yet" : `Loaded ${formatInstant(slice.publishedAt)}`}
      footer={
        canPull ? (
          <Button
            disabled={pull.isPending}
            onClick={() =>
              pull.mutate(slice.period, {
                onSuccess: () => tell({ title: `${periodWords(slice.period)} is being pulled again.` }),
                onError: (error) => tell({ title: errorViewOf(error).message, isWrong: true }),
              })
            }
          >
            Pull this period again
          </Button>
        ) : undefined
      }
    >
      {slice.id === null ? (
        <EmptyState title="The source does not offer this period." />
      ) : (
        <Publications sliceId={slice.id} chosen={chosen} onChoose={setChosen} />
      )}
      {chosen === null ? null : <Difference key={chosen} publicationId={chosen} />}
    </Dialog>
  );
}

function Publications({
  sliceId,
  chosen,
  onChoose,
}: {
  sliceId: number;
  chosen: number | null;
  onChoose: (id: number | null) => void;
}) {
  const answer = usePublications(sliceId);
  if (answer.isPending) return <TableSkeleton label="Versions" rows={4} />;
  if (answer.error !== null)
    return (
      <ErrorState
        error={errorViewOf(answer.error)}
        action={<Button onClick={() => void answer.refetch()}>Try again</Button>}
      />
    );
  if (answer.data.length === 0) return <EmptyState title="Nothing was published yet." />;
  return (
    <table className="w-full text-sm">
      <caption className="sr-only">Versions, newest first</caption>
      <thead className="text-xs text-soft">
        <tr>
          <th scope="col" className="h-7 text-left font-medium">
            Published
          </th>
          <th scope="col" className="text-left font-medium">
            Why
          </th>
          <th scope="col" className="text-right font-medium">
            Control total, billed
          </th>
          <th scope="col" className="pl-4 text-right font-medium">
            Change
          </th>
        </tr>
      </thead>
      <tbody>
        {answer.data.map((version) => (
          <tr
            key={version.id}
            className={classNames("border-t border-line align-top", version.id === chosen && "bg-accent-soft")}
          >
            <td className="py-1.5 whitespace-nowrap">
              {formatInstant(version.publishedAt)}
              {version.current ? <span className="ml-2 text-xs text-accent">shown now</span> : null}
            </td>
            <td className="py-1.5">{REASONS[version.reason]}</td>
            <td className="py-1.5 text-right whitespace-nowrap">
              <Totals totals={version.totals} />
            </td>
            <td className="py-1.5 pl-4 text-right">
              <ChangeButton version={version} isChosen={version.id === chosen} onChoose={onChoose} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function ChangeButton({
  version,
  isChosen,
  onChoose,
}: {
  version: PublicationView;
  isChosen: boolean;
  onChoose: (id: number | null) => void;
}) {
  const { difference } = version;
  if (difference === null) return <span className="text-soft">–</span>;
  return (
    <button
      type="button"
      aria-pressed={isChosen}
      className="link min-h-6 text-right"
      onClick={() => onChoose(isChosen ? null : version.id)}
    >
      {Object.entries(difference.amounts).map(([currency, amounts]) => (
        <span key={currency} className="block whitespace-nowrap">
          {signedAmount(amounts.billed, currency)} {currency}
        </span>
      ))}
      <span className="block text-xs whitespace-nowrap">
        {formatCount(difference.added)} added, {formatCount(difference.changed)} changed,{" "}
        {formatCount(difference.removed)} removed
      </span>
    </button>
  );
}

function Difference({ publicationId }: { publicationId: number }) {
  const answer = useDifference(publicationId);
  const columns = useMemo(() => differenceColumns(), []);
  if (answer.isPending) return <TableSkeleton label="The difference" rows={6} />;
  if (answer.error !== null) return <ErrorState error={errorViewOf(answer.error)} />;
  return (
    <section aria-label="The difference" className="mt-6">
      <h3 className="mb-2">What this version changed</h3>
      <DataTable
        caption="The difference to the version before, by team, service and account; billed"
        columns={columns}
        rows={answer.data}
        rowKey={(row) => `${row.currency} ${row.team} ${row.serviceName} ${row.subAccountId}`}
        sortBy={{ id: "difference", desc: true }}
        filterLabel="Find team, service, account"
        exportName="difference"
        emptyText="Owners changed, amounts did not."
      />
    </section>
  );
}

function signedAmount(amount: string, currency: string): string {
  return `${decimal(amount).greaterThan(0) ? "+" : ""}${formatAmount(amount, currency)}`;
}

function differenceColumns(): TableColumn<DifferenceRow>[] {
  const changed = (row: DifferenceRow) => decimal(row.after.billed).minus(row.before.billed);
  const amount = (value: string, currency: string) => (
    <span title={formatExact(value, currency)}>{formatAmount(value, currency)}</span>
  );
  return [
    {
      id: "team",
      header: "Team",
      text: (row) => row.team,
      compare: (a, b) => compareText(a.team, b.team),
      cell: (row) => row.team || "Unallocated",
    },
    {
      id: "service",
      header: "Service",
      text: (row) => row.serviceName,
      compare: (a, b) => compareText(a.serviceName, b.serviceName),
      cell: (row) => row.serviceName,
    },
    {
      id: "account",
      header: "Account",
      text: (row) => `${row.accountName} ${row.subAccountId}`,
      compare: (a, b) => compareText(a.accountName, b.accountName),
      cell: (row) => <span title={row.subAccountId}>{row.accountName}</span>,
    },
    {
      id: "before",
      header: "Before",
      align: "right",
      text: (row) => row.before.billed,
      compare: (a, b) => decimal(a.before.billed).comparedTo(b.before.billed),
      cell: (row) => amount(row.before.billed, row.currency),
    },
    {
      id: "after",
      header: "After",
      align: "right",
      text: (row) => row.after.billed,
      compare: (a, b) => decimal(a.after.billed).comparedTo(b.after.billed),
      cell: (row) => amount(row.after.billed, row.currency),
    },
    {
      id: "difference",
      header: "Change",
      align: "right",
      text: (row) => toAmount(changed(row)),
      compare: (a, b) => changed(a).abs().comparedTo(changed(b).abs()),
      cell: (row) => (
        <span title={formatExact(toAmount(changed(row)), row.currency)}>
          {signedAmount(toAmount(changed(row)), row.currency)}
        </span>
      ),
    },
    {
      id: "currency",
      header: "Currency",
      isHeaderHidden: true,
      text: (row) => row.currency,
      cell: (row) => <span className="text-xs text-soft">{row.currency}</span>,
    },
  ];
}
