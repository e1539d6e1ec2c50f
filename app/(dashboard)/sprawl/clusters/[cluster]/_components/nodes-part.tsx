import { formatAmount, formatCount, formatDay } from "#lib/domain/format.ts";
import { dayOf } from "#lib/domain/period.ts";
import type { ClusterView } from "#lib/services/clusters/cluster-view.ts";
import { NotKnown, Part } from "#app/(dashboard)/sprawl/_components/part.tsx";
import { PlainTable } from "#app/(dashboard)/sprawl/_components/plain-table.tsx";
import { countWords } from "#app/(dashboard)/sprawl/sprawl-words.ts";

const SHOWN_NODES = 10;

/** The machines by pool, instance and capacity type, and each of them as it was last seen. */
export function NodesPart({ view: { nodePools, nodes, standing } }: { view: ClusterView }) {
  const why = standing.unknown.find(({ kind }) => kind === "nodes")?.message;
  return (
    <Part
      id="nodes"
      title="Node pools"
      of={nodes === null ? undefined : `${countWords(nodes.length, "node")} now`}
      isLong
    >
      {nodePools === null ? (
        <NotKnown what="Nodes are" why={why} />
      ) : nodePools.length === 0 ? (
        <p className="text-soft">It has no node.</p>
      ) : (
        <PlainTable
          caption="Node pools"
          rows={nodePools}
          rowKey={({ name, instanceType, capacityType }) => `${name} ${instanceType ?? ""} ${capacityType ?? ""}`}
          columns={[
            { header: "Pool", cell: ({ name }) => name || <span className="text-soft">no pool</span> },
            {
              header: "Instance",
              cell: ({ instanceType }) => instanceType ?? <span className="text-soft">not told</span>,
            },
            {
              header: "Capacity",
              cell: ({ capacityType }) => capacityType ?? "not told",
              className: "hidden sm:table-cell",
            },
            {
              header: "Ready",
              isRight: true,
              cell: ({ ready, nodes: all }) => (
                <span className={ready < all ? "text-warn" : undefined}>
                  {formatCount(ready)} of {formatCount(all)}
                </span>
              ),
            },
            { header: "Cores", isRight: true, cell: ({ cpuCores }) => formatAmount(cpuCores) },
            { header: "GiB", isRight: true, cell: ({ memoryGib }) => formatAmount(memoryGib) },
            { header: "GPUs", isRight: true, cell: ({ gpus }) => gpus, className: "hidden md:table-cell" },
            { header: "Zones", cell: ({ zones }) => zones.join(", "), className: "hidden lg:table-cell" },
          ]}
        />
      )}
      {nodes === null || nodes.length === 0 ? null : (
        <details className="mt-2">
          <summary className="min-h-6 text-soft">Each node</summary>
          <PlainTable
            caption="Nodes"
            rows={nodes}
            rowKey={({ uid }) => uid}
            shown={SHOWN_NODES}
            columns={[
              { header: "Node", cell: ({ name }) => <span className="break-all">{name}</span> },
              { header: "Pool", cell: ({ pool }) => pool, className: "hidden sm:table-cell" },
              { header: "Instance", cell: ({ instanceType }) => instanceType ?? "not told" },
              { header: "Zone", cell: ({ zone }) => zone ?? "not told", className: "hidden md:table-cell" },
              {
                header: "Made",
                cell: ({ createdAt }) => (createdAt === null ? "not told" : formatDay(dayOf(new Date(createdAt)))),
                className: "hidden md:table-cell",
              },
              {
                header: "Kubelet",
                cell: ({ kubeletVersion }) => kubeletVersion ?? "not told",
                className: "hidden lg:table-cell",
              },
              {
                header: "Ready",
                cell: ({ isReady }) =>
                  isReady === null ? (
                    <span className="text-soft">not known</span>
                  ) : isReady ? (
                    "yes"
                  ) : (
                    <span className="text-warn">no</span>
                  ),
              },
            ]}
          />
        </details>
      )}
    </Part>
  );
}
