"use client";

import { formatCount, formatInstant } from "#lib/domain/format.ts";
import type { HeadPlaceView, PublishedHeadView } from "#lib/services/trail/heads/heads-view.ts";
import { DataTable, type TableColumn } from "#app/_components/ui/data-table.tsx";

type HeadTableProps = { heads: PublishedHeadView[]; places: HeadPlaceView[]; hasStamps: boolean };

/** The newest heads, with where each of them is. */
export function HeadTable({ heads, places, hasStamps }: HeadTableProps) {
  const columns = [...HEAD_COLUMNS, ...(hasStamps ? [STAMP_COLUMN] : []), ...places.map(placeColumn)];
  return (
    <section aria-labelledby="heads">
      <h2 id="heads" className="mb-2 font-semibold">
        The newest {heads.length === 1 ? "head" : `${formatCount(heads.length)} heads`}
      </h2>
      <DataTable
        caption="Published heads, the newest first"
        columns={columns}
        rows={heads}
        rowKey={({ size }) => String(size)}
        sortBy={{ id: "size", desc: true }}
        exportName="heads"
      />
    </section>
  );
}

const HEAD_COLUMNS: TableColumn<PublishedHeadView>[] = [
  {
    id: "size",
    header: "Entries",
    align: "right",
    text: ({ size }) => String(size),
    compare: (a, b) => a.size - b.size,
    cell: ({ size }) => formatCount(size),
  },
  {
    id: "at",
    header: "Published",
    text: ({ at }) => at,
    compare: (a, b) => a.at.localeCompare(b.at),
    cell: ({ at }) => <span className="whitespace-nowrap">{formatInstant(at)}</span>,
  },
  {
    id: "root",
    header: "Root",
    text: ({ root }) => root,
    cell: ({ root }) => (
      <code className="text-xs" title={root}>
        {root.slice(0, 16)}…
      </code>
    ),
  },
  {
    id: "key",
    header: "Key",
    text: ({ keyId }) => keyId,
    cell: ({ keyId }) => (
      <code className="text-xs" title={keyId}>
        {keyId.slice(0, 12)}…
      </code>
    ),
  },
];

const STAMP_COLUMN: TableColumn<PublishedHeadView> = {
  id: "stamp",
  header: "Stamped",
  text: ({ stampedAt }) => stampedAt ?? "",
  cell: ({ stampedAt }) => (
    <span className="whitespace-nowrap">{stampedAt === null ? "by a later one" : formatInstant(stampedAt)}</span>
  ),
};

function placeColumn({ name }: HeadPlaceView): TableColumn<PublishedHeadView> {
  return {
    id: name,
    header: name === "file" ? "File" : "Bucket",
    headerTitle: name,
    text: ({ places }) => (places.includes(name) ? "written" : "waits"),
    cell: ({ places }) => (places.includes(name) ? "written" : <span className="text-warn">waits</span>),
  };
}
