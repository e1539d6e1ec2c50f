import { formatCount, formatDay, formatInstant } from "#lib/domain/format.ts";
import { dayOf } from "#lib/domain/period.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import { isAllowed } from "#lib/access/permissions.ts";
import { listManualEvidence } from "#lib/services/manual-evidence/list-manual-evidence.ts";
import type { ManualEvidenceView } from "#lib/services/manual-evidence/manual-evidence-view.ts";
import { ErrorState } from "#app/_components/ui/states.tsx";
import { attempt } from "#app/_server/attempt.ts";
import { AddEvidence } from "#app/(dashboard)/compliance/_components/add-evidence.tsx";
import { WithdrawEvidence } from "#app/(dashboard)/compliance/_components/withdraw-evidence.tsx";
import { PlainTable } from "#app/(dashboard)/sprawl/_components/plain-table.tsx";

type ManualPanelProps = {
  context: ServiceContext;
  frameworkId: string;
  controlId: string;
  asOf: Date | null;
  mayWrite: boolean;
};

const STATE_WORDS: Record<ManualEvidenceView["state"], string> = {
  valid: "Valid",
  expired: "Expired",
  withdrawn: "Taken back",
};

/** What people brought for a control, with hash, who, when, and until when it counts. */
export async function ManualPanel({ context, frameworkId, controlId, asOf, mayWrite }: ManualPanelProps) {
  const answer = await attempt(() => listManualEvidence(context, { frameworkId, controlId, asOf }));
  if (answer.error !== null) return <ErrorState error={answer.error} />;
  const pieces = answer.value;
  const isShown = pieces.some(({ state }) => state === "valid");
  const mayDownload = isAllowed(context.actor, "evidence:read");
  return (
    <div className="space-y-3">
      {isShown ? null : (
        <p className="text-warn">
          Nothing shown yet{pieces.length === 0 ? "" : ": what was brought has expired or was taken back"}.
        </p>
      )}
      {pieces.length === 0 ? null : (
        <PlainTable
          caption={`Evidence for ${controlId}`}
          rows={pieces}
          rowKey={({ id }) => String(id)}
          columns={[
            {
              header: "File",
              className: "min-w-56",
              cell: (piece) => (
                <>
                  {mayDownload ? (
                    <a href={`/api/v1/manual-evidence/${piece.id}/file`} download className="way-down break-all">
                      {piece.fileName}
                    </a>
                  ) : (
                    piece.fileName
                  )}
                  <span className="block text-xs text-soft">{piece.note}</span>
                </>
              ),
            },
            {
              header: "State",
              cell: ({ state }) => (
                <span className={state === "valid" ? "font-medium" : "text-soft"}>{STATE_WORDS[state]}</span>
              ),
            },
            {
              header: "Brought",
              className: "whitespace-nowrap",
              cell: ({ uploadedBy, uploadedAt }) => (
                <>
                  {formatInstant(uploadedAt)}
                  <span className="block text-xs text-soft">{uploadedBy}</span>
                </>
              ),
            },
            {
              header: "Valid until",
              className: "whitespace-nowrap",
              cell: ({ validUntil }) =>
                validUntil === null ? (
                  <span className="text-soft">without end</span>
                ) : (
                  // The end is exclusive; people are told the last day that counts.
                  formatDay(dayOf(new Date(Date.parse(validUntil) - 1)))
                ),
            },
            {
              header: "SHA-256",
              cell: ({ sha256, size }) => (
                <>
                  <code className="text-xs" title={sha256}>
                    {sha256.slice(0, 16)}…
                  </code>
                  <span className="block text-xs text-soft">{formatCount(size)} bytes</span>
                </>
              ),
            },
            ...(mayWrite
              ? [
                  {
                    header: "Change",
                    isRight: true,
                    cell: (piece: ManualEvidenceView) =>
                      piece.state === "withdrawn" ? null : <WithdrawEvidence id={piece.id} fileName={piece.fileName} />,
                  },
                ]
              : []),
          ]}
        />
      )}
      {mayWrite ? <AddEvidence frameworkId={frameworkId} controlId={controlId} /> : null}
    </div>
  );
}
