import type { ItemWriter, ReportContent } from "#lib/reports/bundle/report-content.ts";
import type { MadeBundle } from "#lib/reports/bundle/write-bundle.ts";
import type { ReportPreview } from "#lib/services/reports/report-view.ts";

/** Writes a content, whatever its rows are. Pages have no use for it, so that the writers (PDF, fonts) are not built into them. */
export type WriteContent = <Item>(
  content: ReportContent<Item>,
  extra: ((folder: string) => Promise<ItemWriter<Item>>) | undefined,
) => Promise<MadeBundle>;

/** A report whose kind of rows nobody outside needs to know. It can be read once. */
export type PreparedContent = {
  write(write: WriteContent): Promise<MadeBundle>;
  /** The first `page` rows; counting ends at `mostCounted`. */
  preview(page: number, mostCounted: number): Promise<ReportPreview>;
};

/** @param extra more files of the same rows, see ItemWriter. */
export function prepareContent<Item>(
  content: ReportContent<Item>,
  extra?: (folder: string) => Promise<ItemWriter<Item>>,
): PreparedContent {
  return {
    write: (write) => write(content, extra),
    preview: async (page, mostCounted) => {
      const rows: (string | null)[][] = [];
      let count = 0;
      for await (const batch of content.batches) {
        rows.push(...batch.slice(0, page - rows.length).map((item) => content.toRow(item)));
        count += batch.length;
        if (count >= mostCounted) break;
      }
      const { gaps, controlTotals } = await content.after();
      const { title, columns, scope } = content;
      return { title, columns, rows, count, isAtLeast: count >= mostCounted, scope, gaps, controlTotals };
    },
  };
}
