import type { Random } from "#demo/estate/random.ts";
import { hourInstant, TEAMS, type History } from "#demo/prove/as-of/history.ts";
import {
  expectedAnswers,
  expectedCounts,
  expectedPeriod,
  expectedRows,
  expectedTrend,
} from "#demo/prove/as-of/expected.ts";
import type { Measure } from "#demo/prove/measure.ts";
import { SYSTEM_ACTOR, type Actor } from "#lib/access/actor.ts";
import type { Database } from "#lib/db/client.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import type { ControlPeriod } from "#lib/services/posture/posture-period-view.ts";
import {
  NO_POSTURE_FILTERS,
  type EvaluationRow,
  type PopulationQuery,
  type PostureCounts,
} from "#lib/services/posture/posture-view.ts";
import { readPosturePeriod } from "#lib/services/posture/read-posture-period.ts";
import { readPosture } from "#lib/services/posture/read-posture.ts";
import { streamEvaluations } from "#lib/services/posture/stream-evaluations.ts";

/** One kind of question: what the product says and what the oracle says, as text. */
type Asked = { what: string; found: () => Promise<string>; expected: () => string };

/** Asks both about random instants and periods; one measure for each kind of question, which names the first that differs. */
export async function compareWithOracle(
  database: Database,
  history: History,
  random: Random,
  questions: number,
): Promise<Measure[]> {
  const context = (actor: Actor = SYSTEM_ACTOR): ServiceContext => ({
    actor,
    database,
    now: hourInstant(history.hours),
  });
  const kinds = new Map<string, { asked: number; same: number; first: string }>();
  for (let question = 0; question < questions; question += 1)
    for (const { what, found, expected } of questionsOf(context, history, random)) {
      const kind = kinds.get(what) ?? { asked: 0, same: 0, first: "" };
      kinds.set(what, kind);
      kind.asked += 1;
      const [one, other] = [await found(), expected()];
      if (one === other) kind.same += 1;
      else if (kind.first === "") kind.first = firstDifference(one, other);
    }
  return [...kinds].map(([what, { asked, same, first }]) => ({
    promise: "as-of",
    measure: what,
    expected: `${asked} of ${asked} the same`,
    found: `${same} of ${asked} the same${first === "" ? "" : `; ${first}`}`,
  }));
}

function questionsOf(context: (actor?: Actor) => ServiceContext, history: History, random: Random): Asked[] {
  const at = 100 + random.below(history.hours - 100);
  const asOf = hourInstant(at);
  const from = 90 + random.below(history.hours - 120);
  const to = from + 1 + random.below(history.hours - from - 1);
  const team = random.pick(TEAMS);
  const member: Actor = { id: "member", name: "Member", role: "member", teamKey: team };
  const days = 1 + random.below(40);
  const posture = (actor: Actor, trendDays: number) =>
    readPosture(context(actor), {
      frameworkId: "prove",
      columnsBy: "team",
      asOf,
      filters: NO_POSTURE_FILTERS,
      trendDays,
    });
  const rows = (asked: Partial<PopulationQuery>) =>
    collect(context(), {
      frameworkId: "prove",
      asOf,
      period: null,
      filters: NO_POSTURE_FILTERS,
      verdicts: [],
      ...asked,
    });
  const answers = async (actor: Actor) => {
    const period = { from: hourInstant(from), to: hourInstant(to), asOf: null };
    const asked = { frameworkId: "prove", ...period, filters: NO_POSTURE_FILTERS };
    const { controls } = await readPosturePeriod(context(actor), asked);
    return controls.map(answerText).join("\n");
  };
  return [
    {
      what: "posture by team as of an instant",
      found: async () => {
        const { columns, controls, total } = await posture(SYSTEM_ACTOR, 0);
        const cells = controls.flatMap((control) =>
          columns.map(({ key }, index) => `${control.id} ${key}: ${countText(control.cells[index] ?? null)}`),
        );
        return [...cells.filter((cell) => !cell.endsWith(": ")), countText(total)].join("\n");
      },
      expected: () =>
        expectedCounts(history, at, null)
          .map(([name, counts]) => `${name}${countText(counts)}`)
          .join("\n"),
    },
    {
      what: "posture of a member's own team",
      found: async () => countText((await posture(member, 0)).total),
      expected: () => countText(expectedCounts(history, at, team).at(-1)?.[1] ?? null),
    },
    {
      what: "trend of the days before an instant",
      found: async () =>
        (await posture(SYSTEM_ACTOR, days)).trend.map(({ day, counts }) => `${day} ${countText(counts)}`).join("\n"),
      expected: () =>
        expectedTrend(history, at, days)
          .map(([day, counts]) => `${day} ${countText(counts)}`)
          .join("\n"),
    },
    {
      what: "every evaluation as of an instant",
      found: async () =>
        (await rows({}))
          .map(
            (row) =>
              `${rowText(row)} since ${row.heldFrom} ${row.waiver === null ? "" : "waived"} ${row.isGap ? "gap" : ""}`,
          )
          .toSorted()
          .join("\n"),
      expected: () => expectedRows(history, at).toSorted().join("\n"),
    },
    {
      what: "every evaluation over a period",
      found: async () => {
        const found = await rows({ asOf: null, period: { from: hourInstant(from), to: hourInstant(to) } });
        return joined(found).toSorted().join("\n");
      },
      expected: () => expectedPeriod(history, from, to).toSorted().join("\n"),
    },
    {
      what: "whether controls were met all through a period",
      found: () => answers(SYSTEM_ACTOR),
      expected: () => expectedAnswers(history, { from, to }, null).join("\n"),
    },
    {
      what: "whether controls were met all through a period by a member's own team",
      found: () => answers(member),
      expected: () => expectedAnswers(history, { from, to }, team).join("\n"),
    },
  ];
}

async function collect(context: ServiceContext, query: PopulationQuery): Promise<EvaluationRow[]> {
  const all: EvaluationRow[] = [];
  for await (const batch of streamEvaluations(context, query)) all.push(...batch);
  return all;
}

function rowText({ part, ruleKey, resource, verdict, note, teamKey }: EvaluationRow): string {
  return `${part} ${ruleKey} ${resource.key} ${verdict} ${note ?? ""} ${teamKey}`;
}

function answerText({
  id,
  answer,
  failedDays,
  unknownDays,
  resources: { all, failed, notKnown },
}: ControlPeriod): string {
  return `${id} ${answer} ${failedDays} ${unknownDays} of ${all} ${failed} ${notKnown}`;
}

/** What a row counts as for all of its time. */
function kindText({ isGap, verdict, waiver }: EvaluationRow): string {
  if (isGap) return "notEvaluated";
  if (verdict === "not_applicable") return "notApplicable";
  return waiver === null ? verdict : "waived";
}

/** Neighbours that say the same are one: what differs may be evidence, or when it was learnt. */
function joined(rows: readonly EvaluationRow[]): string[] {
  const pieces: { text: string; from: string; to: string | null }[] = [];
  for (const row of rows) {
    const last = pieces.at(-1);
    const text = `${rowText(row)} ${kindText(row)}`;
    if (last && last.text === text && last.to === row.from) last.to = row.to;
    else pieces.push({ text, from: row.from, to: row.to });
  }
  return pieces.map(({ text, from, to }) => `${text} ${from} ${to ?? ""}`);
}

function countText(counts: PostureCounts | null): string {
  if (counts === null) return "";
  const { pass, fail, waived, unknown, notApplicable, notEvaluated } = counts;
  return [pass, fail, waived, unknown, notApplicable, notEvaluated].join(" ");
}

function firstDifference(found: string, expected: string): string {
  const [ours, theirs] = [found.split("\n"), expected.split("\n")];
  const index = Array.from({ length: Math.max(ours.length, theirs.length) }, (_, line) => line).find(
    (line) => ours[line] !== theirs[line],
  );
  return `the product says "${ours[index ?? 0] ?? ""}", the oracle "${theirs[index ?? 0] ?? ""}"`;
}
