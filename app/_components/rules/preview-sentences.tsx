import { formatCount, formatExact, formatMoney, formatPeriod } from "#lib/domain/format.ts";
import type { BillingPeriod } from "#lib/domain/period.ts";
import type { RulePreview } from "#lib/services/rules/rule-view.ts";

const SHOWN = 24;

/** What saving would do, in sentences: "moves 12 310.40 EUR of Mar 2026 from unallocated to Claims". */
export function PreviewSentences({ preview }: { preview: RulePreview }) {
  return (
    <div className="space-y-1">
      {preview.moves.length === 0 ? <p>Moves nothing in the open periods.</p> : null}
      <ul>
        {preview.moves.slice(0, SHOWN).map((move) => (
          <li key={`${move.period} ${move.currency} ${move.from} ${move.to}`}>
            Moves{" "}
            <strong
              className="font-semibold"
              title={`${formatExact(move.amount, move.currency)} ${move.currency}, ${formatCount(move.lineItems)} line items`}
            >
              {formatMoney(move.amount, move.currency)}
            </strong>{" "}
            of {formatPeriod(move.period as BillingPeriod)} from {move.from || "unallocated"} to{" "}
            {move.to || "unallocated"}.
          </li>
        ))}
      </ul>
      {preview.moves.length > SHOWN ? (
        <p className="text-xs text-soft">And {preview.moves.length - SHOWN} more.</p>
      ) : null}
      {preview.closedPeriods.length === 0 ? null : (
        <p className="text-xs text-soft">
          Closed and unchanged:{" "}
          {preview.closedPeriods.map((period) => formatPeriod(period as BillingPeriod)).join(", ")}.
        </p>
      )}
      {preview.needsFiles ? (
        <p className="text-xs text-soft">
          The roll-ups do not keep what this rule looks at, so the files are read again after saving. The preview covers
          what is known already.
        </p>
      ) : null}
      {preview.openPeriods.length === 0 ? null : (
        <p className="text-xs text-soft">
          {preview.openPeriods.length} open periods are allocated again in the background.
        </p>
      )}
    </div>
  );
}
