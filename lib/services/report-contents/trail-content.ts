import type { StoredEvent } from "#lib/db/trail/read-event-range.ts";
import { searchStoredEvents } from "#lib/db/trail/search-events.ts";
import { personalOf } from "#lib/domain/trail/event-leaf.ts";
import type { SummaryTable } from "#lib/reports/bundle/report-content.ts";
import { openSigningKey } from "#lib/services/signing/open-signing-key.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import { scopeWords } from "#lib/services/report-contents/cluster-knowledge.ts";
import { prepareContent, type PreparedContent } from "#lib/services/report-contents/prepare-content.ts";
import { MOST_EVENTS_OF_A_BUNDLE, tooMany } from "#lib/services/report-contents/trail-size.ts";
import { openProofWriter, PROOF_FILES, type ProofWriter } from "#lib/services/report-contents/trail-proof-writer.ts";
import type { ReportParameters } from "#lib/services/reports/report-view.ts";
import { queryOfSearch, TRAIL_SEARCH } from "#lib/services/trail/search/trail-search.ts";

/** Records and proofs of so many are in memory at once. */
const BATCH_EVENTS = 1_000;

/** In the order of a leaf, so that whoever checks a bundle compares a row with its leaf from left to right. */
const COLUMNS = [
  "When",
  "Arrived",
  "Source",
  "Key",
  "Did",
  "Class",
  "To what",
  "Account",
  "Cluster",
  "Namespace",
  "Region",
  "Outcome",
  "Who",
  "Kind of actor",
  "Person",
  "Team",
  "From",
];

/** The events that a search of the trail finds, each with its record and the proof that it is in the log of a signed head. */
export function trailContent(context: ServiceContext, parameters: ReportParameters): PreparedContent {
  const { pool } = context.database;
  const through = Number(parameters.throughEntry ?? 0);
  let writer: ProofWriter | null = null;
  return prepareContent(
    {
      title: "Search of the audit trail",
      method: [
        "Every event of the trail that fits what stands under scope, newest first. The trail is one log in order of arrival; events that arrived after the last entry named there are left out, so that the same report can be made again.",
        "proof/events.jsonl has for each event the record as its own trail wrote it, its leaf, and the path that leads from it to the head of the log (RFC 6962). The head is signed, was published outside of the database too, and lies in proof/tree-head.dsse.json.",
        "An event whose record was dropped at the end of its time, or whose person has a pseudonym, is proven by the hash of its leaf and by the entry of the log that says when and why: proof/forgotten.jsonl has those, each with its own proof.",
        "The proofs show that each event stood in the log, unchanged, when the head was signed. That the search left nothing out is not shown by them.",
      ],
      scope: scopeWords(parameters),
      tableName: "events",
      columns: [{ name: "Entry", type: "count" }, ...COLUMNS.map((name) => ({ name, type: "text" as const }))],
      batches: readBatches(context, parameters, through),
      toRow,
      totals: [],
      countBy: ["Did", "Outcome", "Source", "Person"],
      after: () =>
        Promise.resolve({
          sources: [],
          gaps: [],
          controlTotals: [],
          people: [],
          summaries: writer === null ? [] : [headSummary(writer)],
        }),
      isLog: false,
      trail: PROOF_FILES,
    },
    async (folder) => {
      writer = await openProofWriter(folder, pool, { through, keyId: (await openSigningKey(context)).keyid });
      return writer;
    },
  );
}

async function* readBatches(
  { database }: ServiceContext,
  { trail }: ReportParameters,
  through: number,
): AsyncGenerator<StoredEvent[]> {
  const query = queryOfSearch(trail ?? TRAIL_SEARCH.parse({}));
  let before: { at: string; seq: number } | null = null;
  for (let count = 0; ;) {
    const events: StoredEvent[] = await searchStoredEvents(database.pool, query, {
      before,
      limit: BATCH_EVENTS,
      through,
    });
    count += events.length;
    if (count > MOST_EVENTS_OF_A_BUNDLE) throw tooMany();
    if (events.length > 0) yield events;
    const last = events.at(-1);
    if (!last || events.length < BATCH_EVENTS) return;
    before = { at: last.occurredAt.toISOString(), seq: last.seq };
  }
}

function toRow(event: StoredEvent): (string | null)[] {
  const { seq, occurredAt, receivedAt, sourceKey, eventKey, action, verbClass, resource } = event;
  const { accountId, clusterKey, namespace, region, outcome } = event;
  const head = [
    String(seq),
    occurredAt.toISOString(),
    receivedAt.toISOString(),
    sourceKey,
    eventKey,
    action,
    verbClass,
  ];
  return [...head, resource, accountId, clusterKey, namespace, region, outcome, ...personalOf(event)];
}

function headSummary({ head }: ProofWriter): SummaryTable {
  return {
    title: "Head of the log",
    head: ["Entries", "Root", "Signed", "Key"],
    rows: [[String(head.size), head.root, head.at, head.keyId]],
  };
}
