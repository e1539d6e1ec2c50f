import { formatCount } from "#lib/domain/format.ts";
import type { PseudonymPreview } from "#lib/services/trail/people/pseudonym-view.ts";
import { waitingWords } from "#app/(dashboard)/audit/retention/pseudonym-words.ts";

const TABLE_WORDS: Record<string, string> = {
  making: "who made what",
  namespace_person_use: "last use by a person",
  change_ticket: "change requests",
  finding: "findings of sources",
  ownership_claim: "claims of the audit log",
  namespace_owner: "reasons of owners",
  namespace_summary: "reasons of owners in lists",
  namespace_verdict: "verdicts on use",
  namespace_state: "newest verdicts on use",
  saved_search: "saved searches",
};

/** Where a person is: by source, and in what was made of the trail. */
export function PreviewTable({ preview }: { preview: PseudonymPreview }) {
  const { person, sources, held, kept, staying, otherNames, tables, entries } = preview;
  const waiting = waitingWords(tables, "will");
  const texts = tables.filter(({ rows }) => rows > 0);
  if (sources.length === 0 && texts.length === 0)
    return (
      <p>
        Nothing of {person} is in the {formatCount(entries)} entries of the log.
      </p>
    );
  return (
    <div className="max-w-2xl">
      <table className="w-full">
        <caption className="mb-1 text-left">
          Where {person} is, in {formatCount(entries)} entries of the log
        </caption>
        <thead className="border-b border-line-strong text-xs text-soft">
          <tr>
            <th scope="col" className="h-8 text-left font-medium">
              Where
            </th>
            <th scope="col" className="h-8 pl-4 text-right font-medium">
              Did it
            </th>
            <th scope="col" className="h-8 pl-4 text-right font-medium">
              Is named
            </th>
          </tr>
        </thead>
        <tbody>
          {sources.map(({ sourceKey, own, named }) => (
            <Row key={sourceKey} name={`events of ${sourceKey}`} own={formatCount(own)} named={formatCount(named)} />
          ))}
          {texts.map(({ table, rows }) => (
            <Row key={table} name={TABLE_WORDS[table] ?? table} own="" named={formatCount(rows)} />
          ))}
        </tbody>
      </table>
      <p className="mt-2 text-xs text-soft">
        {held === 0
          ? "None of the events is held."
          : `${formatCount(held)} of the events are held, and stay as they are.`}
        {kept === 0
          ? ""
          : ` ${formatCount(kept)} say what was dropped, held or pseudonymised: they are the proof, and keep the names in them.`}
        {stayingWords(staying)}
        {waiting === "" ? "" : ` ${waiting}`}
        {otherNames.length === 0
          ? ""
          : ` Their own events also call them ${otherNames.join(", ")}: add what names nobody else, and other people’s events lose it too.`}
      </p>
    </div>
  );
}

/** Where a name stays although it is ordered; "" where there is none. */
export function stayingWords({ namespace, eventKey }: PseudonymPreview["staying"]): string {
  const parts = [
    ...(namespace === 0 ? [] : [`the namespace of ${formatCount(namespace)}`]),
    ...(eventKey === 0 ? [] : [`the key of ${formatCount(eventKey)}`]),
  ];
  if (parts.length === 0) return "";
  return ` The name stays in ${parts.join(" and in ")} of the events: holds go by the one, and an event that comes again is known by the other.`;
}

function Row({ name, own, named }: { name: string; own: string; named: string }) {
  return (
    <tr className="border-b border-line">
      <th scope="row" className="py-1.5 text-left font-normal wrap-anywhere">
        {name}
      </th>
      <td className="py-1.5 pl-4 text-right tabular-nums">{own}</td>
      <td className="py-1.5 pl-4 text-right tabular-nums">{named}</td>
    </tr>
  );
}
