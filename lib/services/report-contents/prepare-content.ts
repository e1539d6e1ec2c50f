import type { ItemWriter, ReportContent } from "#lib/reports/bundle/report-content.ts";
import { writeBundle, type BundleHead, type MadeBundle } from "#lib/reports/bundle/write-bundle.ts";
import type { SigningKey } from "#lib/reports/bundle/signing-key.ts";
import type { ReportPreview } from "#lib/services/reports/report-view.ts";

export type WriteOptions = {
  key: SigningKey;
  timestamp?: ((envelope: Buffer) => Promise<Uint8Array>) | null;
  progress?: (step: "data" | "evidence" | "report" | "bundle", done: number) => Promise<void>;
  signal?: AbortSignal;
};

/** A report whose kind of rows nobody outside needs to know. It can be read once. */
export type PreparedContent = {
  write(path: string, scratch: string, head: BundleHead, options: WriteOptions): Promise<MadeBundle>;
  /** The first `page` rows; counting ends at `mostCounted`. */
  preview(page: number, mostCounted: number): Promise<ReportPreview>;
};

/** @param extra more files of the same rows, see ItemWriter. */
export function prepareContent<Item>(
  content: ReportContent<Item>,
  extra?: (folder: string) => Promise<ItemWriter<Item>>,
): PreparedContent {
  return {
    write: (path, scratch, head, options) =>
      writeBundle(path, scratch, head, content, { ...options, ...(extra ? { extra } : {}) }),
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
