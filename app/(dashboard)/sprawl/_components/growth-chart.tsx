import type { Panel } from "#lib/charts/time-panels.ts";
import { formatDay } from "#lib/domain/format.ts";
import { addDays, startOf, type Day } from "#lib/domain/period.ts";
import type { GrowthLines } from "#lib/services/sprawl/sprawl-view.ts";
import { TimePanels, type TimeTable } from "#app/_components/charts/time-panels.tsx";

const DAY_MS = 86_400_000;

/** Of fewer days a line tells nothing that the figure above does not. */
const LEAST_DAYS = 7;

/** How many there were at the end of each day, over thirteen months; each kind on an axis of its own, because one has hundreds and another ten. */
export function GrowthChart({ growth }: { growth: GrowthLines }) {
  const { days, observedFrom } = growth;
  const [first] = days;
  const last = days.at(-1);
  if (first === undefined || last === undefined) return null;
  const starts = days.map((one) => startOf(one).getTime());
  const lines = [
    { title: "Namespaces", values: growth.namespaces },
    { title: "Clusters", values: growth.clusters },
    { title: "Accounts", values: growth.accounts },
  ].filter(({ values }) => values.filter((value) => value !== null).length >= LEAST_DAYS);
  const panels = lines.map(({ title, values }): Panel => ({
    title,
    unit: "",
    kind: "lines",
    starts,
    bucketMs: DAY_MS,
    series: [{ key: title, label: title, colour: "var(--accent)", values: values.map(text) }],
  }));
  return (
    <section aria-labelledby="growth">
      <h2 id="growth" className="text-base">
        How it grows{" "}
        <span className="font-normal text-soft">at the end of each day{sinceWords(observedFrom, first)}</span>
      </h2>
      <TimePanels
        title="What exists, over thirteen months"
        from={startOf(first).getTime()}
        to={startOf(addDays(last, 1)).getTime()}
        panels={panels}
        paleBefore={observedFrom === null ? null : startOf(observedFrom).getTime()}
        gapWords="not observed"
        areSideBySide
        table={tableOf(growth)}
      />
    </section>
  );
}

function sinceWords(observedFrom: Day | null, first: Day): string {
  if (observedFrom === null || observedFrom <= first) return "";
  return `; paler before ${formatDay(observedFrom)}: from creation dates of what was still there`;
}

/** The ends of the months and the newest day: each day would say the same four hundred times. */
function tableOf({ days, namespaces, clusters, accounts, created, deleted }: GrowthLines): TimeTable {
  let made = 0;
  let gone = 0;
  const rows: TimeTable["rows"] = [];
  for (const [index, one] of days.entries()) {
    made += created[index] ?? 0;
    gone += deleted[index] ?? 0;
    const isLast = index === days.length - 1;
    if (!isLast && addDays(one, 1).slice(8) !== "01") continue;
    const counts = [namespaces[index], clusters[index], accounts[index], made, gone];
    rows.unshift({ name: formatDay(one), values: counts.map(text) });
    made = 0;
    gone = 0;
  }
  return {
    head: ["End of", "Namespaces", "Clusters", "Accounts", "Namespaces made since the row below", "Gone"],
    rows,
  };
}

function text(value: number | null | undefined): string | null {
  return value === null || value === undefined ? null : String(value);
}
