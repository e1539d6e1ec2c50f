"use client";

import type { NamespaceRow, UnusedRow, UnusedView } from "#lib/services/sprawl/sprawl-view.ts";
import { buttonClass } from "#app/_components/ui/button.tsx";
import { NamespaceTable, type May } from "#app/(dashboard)/sprawl/_components/namespace-table.tsx";
import { SignList, VetoList } from "#app/(dashboard)/sprawl/_components/sign-list.tsx";
import { sprawlHref, type SprawlState } from "#app/(dashboard)/sprawl/sprawl-state.ts";
import { countWords, readable } from "#app/(dashboard)/sprawl/sprawl-words.ts";

const COLUMNS = ["name", "cluster", "owner", "state", "quiet", "volumes", "balancers", "cost"] as const;
const COLUMNS_OF_ONE_STATE = COLUMNS.filter((id) => id !== "state");

type UnusedListProps = { state: SprawlState; first: UnusedView; may: May; canExport: boolean; now: string };

/** The unused namespaces by money; each opens the signs that its verdict stands on. */
export function UnusedList({ state, first, may, canExport, now }: UnusedListProps) {
  return (
    <NamespaceTable
      caption="Unused namespaces"
      state={state}
      first={first}
      path="/sprawl/unused"
      api="/api/v1/unused"
      may={may}
      now={now}
      columns={state.withAsleep ? COLUMNS : COLUMNS_OF_ONE_STATE}
      detailOf={(row) => <Verdict row={row} />}
      actions={canExport ? <ExportLinks state={state} /> : null}
    />
  );
}

function ExportLinks({ state }: { state: SprawlState }) {
  const href = sprawlHref({ ...state, offset: 0 }, "/api/v1/unused/export");
  const separator = href.includes("?") ? "&" : "?";
  return (
    <>
      <a href={`${href}${separator}format=csv`} download className={buttonClass("plain", "small")}>
        Export CSV
      </a>
      <a href={`${href}${separator}format=xlsx`} download className={buttonClass("plain", "small")}>
        Export XLSX
      </a>
    </>
  );
}

function Verdict({ row }: { row: NamespaceRow }) {
  // Rows of the list of unused namespaces carry their signs; the page before, which is still in sight, may be another list's.
  if (!isUnusedRow(row)) return null;
  const { signs, vetoes, wouldChange, remains } = row;
  if (signs.length === 0)
    return <p className="text-soft">Of an earlier instant only the verdict is kept, not the signs that it stood on.</p>;
  return (
    <div className="grid gap-x-10 gap-y-4 lg:grid-cols-2">
      <SignList signs={signs} />
      <div className="space-y-4">
        <VetoList vetoes={vetoes} />
        <div>
          <h3 className="text-xs font-medium text-soft">What it still costs for</h3>
          <p>{remainsWords(remains)}</p>
        </div>
        {wouldChange.length === 0 ? null : (
          <div>
            <h3 className="text-xs font-medium text-soft">What would change the verdict</h3>
            <ul>
              {wouldChange.map((change) => (
                <li key={change}>{readable(change)}</li>
              ))}
            </ul>
          </div>
        )}
      </div>
    </div>
  );
}

function isUnusedRow(row: NamespaceRow): row is UnusedRow {
  return "signs" in row && "remains" in row;
}

function remainsWords({ volumes, loadBalancers }: UnusedRow["remains"]): string {
  const volumeWords = volumes === null ? "volumes are not known" : countWords(volumes, "volume");
  const balancerWords = loadBalancers === null ? "balancers are not known" : countWords(loadBalancers, "load balancer");
  return `${volumeWords}, ${balancerWords}.`;
}
