import { readFile, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import canonicalize from "canonicalize";
import { bundleReadme } from "#lib/reports/bundle/bundle-readme.ts";
import { hashFile } from "#lib/reports/bundle/hash-file.ts";
import { writeWhole, type WrittenFile } from "#lib/reports/bundle/file-sink.ts";
import { pdfSections } from "#lib/reports/bundle/pdf-sections.ts";
import type {
  ContentAfter,
  ItemWriter,
  ReportContent,
  ReportFormat,
  TableSums,
} from "#lib/reports/bundle/report-content.ts";
import type { SigningKey } from "#lib/reports/bundle/signing-key.ts";
import { writeStoredZip } from "#lib/reports/bundle/stored-zip.ts";
import { TableWriter } from "#lib/reports/bundle/table-writer.ts";
import { envelopeText, signedStatement } from "#lib/reports/bundle/verify-bundle.mjs";
import { writePdf } from "#lib/reports/bundle/write-pdf.ts";

const PREDICATE_TYPE = "urn:bursar:report-bundle:1";
/** What a report was asked with, as the manifest repeats it. */
export type BundleHead = {
  kind: string;
  organisation: string;
  /** Canonical: every instant is fixed. */
  parameters: Record<string, unknown>;
  asOf: Date;
  formats: readonly ReportFormat[];
  version: string;
  /** The newest signed head of the audit trail that was known at `asOf`; null where there was none. */
  logHead: { size: string; root: string; at: string; keyId: string } | null;
};

export type MadeBundle = { sha256: string; size: number; manifestSha256: string; sums: TableSums };

type Progress = (step: "data" | "evidence" | "report" | "bundle", done: number) => Promise<void>;

/**
 * Writes a report as a bundle to `path`. Everything but the side files (signature, key, time stamp) is the same, byte by byte, for the same
 * content and head. It needs as much disk below `scratch` as the bundle has, and memory that does not grow with the rows.
 *
 * @param extra files that are written while the rows pass by, see ItemWriter.
 */
export async function writeBundle<Item>(
  path: string,
  scratch: string,
  head: BundleHead,
  content: ReportContent<Item>,
  options: {
    key: SigningKey;
    extra?: (folder: string) => Promise<ItemWriter<Item>>;
    /** Answers an RFC 3161 response for the bytes of the signature's file; null = no time stamp is configured. */
    timestamp?: ((envelope: Buffer) => Promise<Uint8Array>) | null;
    progress?: Progress;
    signal?: AbortSignal;
  },
): Promise<MadeBundle> {
  await rm(scratch, { recursive: true, force: true });
  await mkdir(scratch, { recursive: true, mode: 0o700 });
  try {
    const data = await writeData(scratch, head, content, options);
    await options.progress?.("report", 0);
    const after = await content.after();
    const files = [...data.files, ...data.extra];
    if (head.formats.includes("pdf")) {
      const pdf = join(scratch, "report.pdf");
      const software = `Bursar ${head.version}`;
      const sections = pdfSections(content, after, data.sums, files);
      await writePdf(pdf, {
        title: content.title,
        organisation: head.organisation,
        asOf: head.asOf,
        software,
        sections,
      });
      files.unshift(await hashFile("report.pdf", pdf));
    }
    const verifier = await readFile(join(import.meta.dirname, "verify-bundle.mjs"));
    files.push(await writeWhole(scratch, "verify-bundle.mjs", verifier));
    files.unshift(await writeWhole(scratch, "README.md", bundleReadme(content.title, head)));
    const sums = files.map(({ name, sha256 }) => `${sha256}  ${name}\n`).join("");
    files.push(await writeWhole(scratch, "SHA256SUMS", sums));
    const manifest = manifestOf(head, content, { files, after, sums: data.sums, log: data.log });
    files.push(await writeWhole(scratch, "manifest.json", manifest));
    files.push(...(await writeSides(scratch, manifest, options)));
    await options.progress?.("bundle", 0);
    await writeStoredZip(path, files);
    const { sha256, size } = await hashFile("bundle", path);
    const manifestSha256 = files.find(({ name }) => name === "manifest.json")?.sha256 ?? "";
    return { sha256, size, manifestSha256, sums: data.sums };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function writeData<Item>(
  scratch: string,
  head: BundleHead,
  content: ReportContent<Item>,
  {
    extra,
    progress,
    signal,
  }: { extra?: (folder: string) => Promise<ItemWriter<Item>>; progress?: Progress; signal?: AbortSignal },
): Promise<{
  files: WrittenFile[];
  extra: WrittenFile[];
  sums: TableSums;
  log: { entries: number; rootHash: string } | null;
}> {
  const { tableName, columns, totals, countBy, isLog } = content;
  const table = await TableWriter.open({
    folder: scratch,
    tableName,
    columns,
    totals,
    countBy,
    isLog,
    formats: head.formats,
  });
  const writer = await extra?.(scratch);
  let done = 0;
  for await (const batch of content.batches) {
    signal?.throwIfAborted();
    await table.write(batch.map((item) => content.toRow(item)));
    await writer?.push(batch);
    done += batch.length;
    await progress?.("data", done);
  }
  const written = await table.end((sums) => [
    ["Report", content.title],
    ...content.scope,
    ["Rows", String(sums.rows)],
    ...sums.totals.map(({ column, where, sum }): [string, string] => [
      `Total ${column}${where ? ` ${where.value}` : ""}`,
      sum,
    ]),
    ...content.method.map((sentence, index): [string, string] => [index === 0 ? "Method" : "", sentence]),
  ]);
  return { ...written, extra: (await writer?.end()) ?? [] };
}

function manifestOf<Item>(
  head: BundleHead,
  content: ReportContent<Item>,
  made: {
    files: readonly WrittenFile[];
    after: ContentAfter;
    sums: TableSums;
    log: { entries: number; rootHash: string } | null;
  },
): Buffer {
  const { sources, gaps, controlTotals } = made.after;
  const dataFiles = made.files.map(({ name }) => name).filter((name) => name.startsWith(`data/${content.tableName}.`));
  const statement = {
    _type: "https://in-toto.io/Statement/v1",
    subject: made.files.map(({ name, sha256 }) => ({ name, digest: { sha256 } })),
    predicateType: PREDICATE_TYPE,
    predicate: {
      software: { name: "Bursar", version: head.version },
      organisation: head.organisation,
      report: { kind: head.kind, title: content.title, parameters: head.parameters },
      asOf: head.asOf.toISOString(),
      tables: [
        {
          files: dataFiles,
          columns: content.columns.map(({ name }) => name),
          rows: made.sums.rows,
          totals: made.sums.totals,
        },
      ],
      controlTotals,
      sources,
      gaps,
      logHead: head.logHead,
      ...(content.trail ? { trail: content.trail } : {}),
      log: made.log === null ? null : { file: `data/${content.tableName}.jsonl`, ...made.log },
    },
  };
  return Buffer.from(canonicalize(statement) ?? "", "utf8");
}

async function writeSides(
  scratch: string,
  manifest: Buffer,
  { key, timestamp }: { key: SigningKey; timestamp?: ((envelope: Buffer) => Promise<Uint8Array>) | null },
): Promise<WrittenFile[]> {
  const payload = signedStatement(manifest);
  const envelope = envelopeText(payload, key.keyid, await key.sign(payload));
  const sides = [
    await writeWhole(scratch, "signature.dsse.json", envelope),
    await writeWhole(scratch, "public-key.pem", key.publicPem),
  ];
  if (timestamp) sides.push(await writeWhole(scratch, "timestamp.tsr", await timestamp(Buffer.from(envelope, "utf8"))));
  return sides;
}
