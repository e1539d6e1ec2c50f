"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { FILE_TYPES, MOST_FILE_BYTES } from "#lib/services/manual-evidence/manual-evidence-view.ts";
import { Button } from "#app/_components/ui/button.tsx";
import { Dialog } from "#app/_components/ui/dialog.tsx";
import { Field, TextInput } from "#app/_components/ui/field.tsx";
import { Select } from "#app/_components/ui/select.tsx";
import { ErrorState } from "#app/_components/ui/states.tsx";
import { tell } from "#app/_components/ui/toast.tsx";
import { useAddManualEvidence } from "#app/_queries/compliance.ts";
import { errorViewOf } from "#app/_queries/fetch-json.ts";
import { useReadyReports } from "#app/_queries/reports.ts";
import { endOfDay } from "#app/(dashboard)/compliance/end-of-day.ts";
import { reportLabel } from "#app/(dashboard)/reports/report-words.ts";

const LEAST_NOTE = 3;
/** A file of one's own is brought. */
const NO_REPORT = "";
const MIB = 1024 * 1024;

type AddEvidenceDialogProps = { frameworkId: string; controlId: string; onClose: () => void };

/** A file, or the bundle of a report that is ready, what it shows, and until when it counts. It stands in the log with its hash and who brought it. */
export function AddEvidenceDialog({ frameworkId, controlId, onClose }: AddEvidenceDialogProps) {
  const router = useRouter();
  const [file, setFile] = useState<File | null>(null);
  const [reportId, setReportId] = useState(NO_REPORT);
  const reports = useReadyReports();
  const [note, setNote] = useState("");
  const [last, setLast] = useState("");
  const add = useAddManualEvidence();
  const isTooLarge = file !== null && file.size > MOST_FILE_BYTES;
  const isChosen = reportId === NO_REPORT ? file !== null && !isTooLarge : true;
  const isComplete = isChosen && note.trim().length >= LEAST_NOTE;

  function save(): void {
    const form = new FormData();
    form.set("frameworkId", frameworkId);
    form.set("controlId", controlId);
    form.set("note", note.trim());
    form.set("validUntil", last === "" ? "" : endOfDay(last));
    if (reportId !== NO_REPORT) form.set("reportId", reportId);
    else if (file !== null) form.set("file", file);
    add.mutate(form, {
      onSuccess: ({ sha256 }) => {
        tell({ title: `${file?.name ?? "The report's bundle"} is kept as evidence.`, detail: `SHA-256 ${sha256}` });
        router.refresh();
        onClose();
      },
    });
  }

  return (
    <Dialog
      open
      onClose={onClose}
      title={`Evidence for ${controlId}`}
      description="The file is kept as it is, with its hash, your name and the time. It can be taken back, never changed."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" disabled={!isComplete || add.isPending} onClick={save}>
            {add.isPending ? "Sending" : "Add"}
          </Button>
        </>
      }
    >
      <div className="space-y-4">
        {(reports.data ?? []).length === 0 ? null : (
          <div>
            <p className="mb-1 text-xs font-medium text-soft">What is brought</p>
            <Select
              label="What is brought"
              value={reportId}
              options={[
                { value: NO_REPORT, label: "A file" },
                ...(reports.data ?? []).map((report) => ({ value: report.id, label: reportLabel(report) })),
              ]}
              onChange={setReportId}
            />
          </div>
        )}
        {reportId !== NO_REPORT ? null : (
          <Field
            label="File"
            help={`At most ${MOST_FILE_BYTES / MIB} MiB: ${Object.keys(FILE_TYPES).join(", ")}.`}
            error={isTooLarge ? `It has ${Math.ceil(file.size / MIB)} MiB.` : null}
          >
            <input
              type="file"
              accept={Object.keys(FILE_TYPES)
                .map((ending) => `.${ending}`)
                .join(",")}
              onChange={(event) => setFile(event.target.files?.[0] ?? null)}
              className="block min-h-8 w-full text-sm"
            />
          </Field>
        )}
        <Field label="What it shows" help="In a sentence, for whoever checks it.">
          <TextInput value={note} onChange={(event) => setNote(event.target.value)} maxLength={1000} required />
        </Field>
        <Field label="Valid until" help="The last day that it counts, in UTC. Empty = without end.">
          <TextInput type="date" value={last} onChange={(event) => setLast(event.target.value)} className="max-w-44" />
        </Field>
        {add.error === null ? null : <ErrorState error={errorViewOf(add.error)} />}
      </div>
    </Dialog>
  );
}
