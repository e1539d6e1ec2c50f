/** A file that a person brought for a control. Instants are ISO, UTC. */
export type ManualEvidenceView = {
  id: number;
  frameworkId: string;
  controlId: string;
  note: string;
  fileName: string;
  mediaType: string;
  /** Hex, of the file as it was brought; `sha256sum` of what is downloaded gives the same. */
  sha256: string;
  /** Bytes. */
  size: number;
  uploadedBy: string;
  uploadedAt: string;
  /** Exclusive; null = without end. */
  validUntil: string | null;
  withdrawnAt: string | null;
  withdrawnBy: string | null;
  /** "valid" at the asked instant, "expired", or taken back by then. */
  state: "valid" | "expired" | "withdrawn";
};

/** The largest file that is kept: a scanned contract fits, a backup does not. */
export const MOST_FILE_BYTES = 20 * 1024 * 1024;

/** What may be brought: what auditors exchange, and nothing that a browser would run. */
export const FILE_TYPES: Readonly<Record<string, string>> = {
  pdf: "application/pdf",
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  txt: "text/plain",
  csv: "text/csv",
  json: "application/json",
  xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  docx: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
  zip: "application/zip",
};
