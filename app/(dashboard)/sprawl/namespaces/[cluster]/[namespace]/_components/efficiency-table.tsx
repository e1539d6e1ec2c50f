import { formatAmount, formatExact } from "#lib/domain/format.ts";
import type { Resource } from "#lib/domain/cluster-bill/cluster-hour.ts";
import type { EfficiencyView } from "#lib/services/cluster-bill/cluster-bill-view.ts";
import { PlainTable } from "#app/(dashboard)/sprawl/_components/plain-table.tsx";

const NAMES: Record<Resource, { title: string; unit: string }> = {
  cpuCores: { title: "CPU", unit: "cores" },
  memoryGib: { title: "Memory", unit: "GiB" },
  gpus: { title: "GPU", unit: "devices" },
};

const ADVICE = { lower: "Ask for less", raise: "Ask for more", keep: "Keep", unknown: "Not known" } as const;

/** Used against requested of each resource, and what the right size would have saved, with why. */
export function EfficiencyTable({ efficiency }: { efficiency: EfficiencyView }) {
  const { currency, saving } = efficiency;
  // Nobody asked for a GPU and none was used: nothing is to be said about it.
  const resources = efficiency.resources.filter(
    ({ resource, requested, used }) => resource !== "gpus" || (requested ?? 0) > 0 || (used ?? 0) > 0,
  );
  return (
    <div>
      <h3 className="text-sm">
        Right size{" "}
        <span className="font-normal text-soft">
          {saving === null || currency === null
            ? "what it would save is not known"
            : `would have saved ${formatAmount(saving, currency)} ${currency} in these days`}
        </span>
      </h3>
      <PlainTable
        caption="Used against requested, and the right size"
        rows={resources}
        rowKey={({ resource }) => resource}
        columns={[
          { header: "Resource", cell: ({ resource }) => `${NAMES[resource].title}, ${NAMES[resource].unit}` },
          { header: "Requested", isRight: true, cell: ({ requested }) => figure(requested) },
          { header: "Used", isRight: true, cell: ({ used }) => figure(used) },
          { header: "Used of it", isRight: true, cell: ({ efficiency: share }) => percent(share) },
          {
            header: "Right size",
            isRight: true,
            cell: ({ target }) => figure(target),
            className: "hidden sm:table-cell",
          },
          {
            header: currency === null ? "Saving" : `Saving, ${currency}`,
            isRight: true,
            cell: ({ saving: own }) =>
              own === null ? (
                <span className="text-soft">not known</span>
              ) : (
                <span title={formatExact(own, currency ?? undefined)}>{formatAmount(own, currency ?? undefined)}</span>
              ),
          },
          {
            header: "Advice",
            cell: ({ advice, reason }) => (
              <>
                {ADVICE[advice]} <span className="text-xs text-soft">{reason}</span>
              </>
            ),
            className: "min-w-64",
          },
        ]}
      />
    </div>
  );
}

function figure(value: number | null) {
  return value === null ? <span className="text-soft">not known</span> : formatAmount(value.toFixed(6));
}

function percent(share: number | null) {
  return share === null ? <span className="text-soft">not known</span> : `${(share * 100).toFixed(0)} %`;
}
