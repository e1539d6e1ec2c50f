import { formatPeriod } from "#lib/domain/format.ts";
import { addMonths, billingPeriod, type BillingPeriod } from "#lib/domain/period.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import { compareSources } from "#lib/services/sources/compare-sources.ts";
import type { ComparedMonth, SourceComparisonView, SourceRole } from "#lib/services/sources/source-comparison-view.ts";
import { listSources } from "#lib/services/sources/list-sources.ts";
import { ErrorState } from "#app/_components/ui/states.tsx";
import { attempt } from "#app/_server/attempt.ts";
import { agrees } from "#app/(dashboard)/sources/_panels/source-comparison-agreement.ts";
import { SourceComparisonTable } from "#app/(dashboard)/sources/_panels/source-comparison-table.tsx";

/** Two sources that have the same accounts; ours is the one that counts, where only one does. */
type Pair = { ours: Side; theirs: Side; months: ComparedMonth[] };
type Side = { key: string; title: string; role: SourceRole };

/** What sources say of the accounts that several of them have. Nothing at all where no account is in two. */
export async function SourceComparisonPanel({ context, only }: { context: ServiceContext; only: string | null }) {
  const answer = await attempt(async () => {
    const costs = (await listSources(context)).filter(({ dataset, removed }) => dataset === "cost" && !removed);
    const views: SourceComparisonView[] = [];
    for (const { key } of costs) {
      const view = await compareSources(context, { sourceKey: key });
      if (view !== null) views.push(view);
    }
    return pairsOf(views).filter(({ ours, theirs }) => only === null || ours.key === only || theirs.key === only);
  });
  if (answer.error !== null) {
    // Who may not see sources at all has read so above.
    return answer.error.code === "forbidden" ? null : (
      <div className="mt-8">
        <ErrorState error={answer.error} />
      </div>
    );
  }
  if (answer.value.length === 0) return null;
  return (
    <section id="comparison" aria-labelledby="title-comparison" className="mt-10">
      <header className="flex flex-wrap items-baseline gap-x-4 gap-y-1 border-b border-line-strong pb-1">
        <h2 id="title-comparison" className="text-base">
          Sources that check each other
        </h2>
        <p className="text-xs text-soft">
          What several sources have of the same account and month is counted once. <code>costPrecedence</code> in
          bursar.yaml decides which of them counts.
        </p>
      </header>
      <div className="mt-3 space-y-6">
        {answer.value.map((pair) => (
          <PairPanel key={`${pair.ours.key} ${pair.theirs.key}`} pair={pair} />
        ))}
      </div>
    </section>
  );
}

const ROLE_ORDER: Record<SourceRole, number> = { counts: 0, part: 1, check: 2 };

/** Each pair once, seen from the source that counts. */
function pairsOf(views: readonly SourceComparisonView[]): Pair[] {
  const seen = new Set<string>();
  return views
    .toSorted((a, b) => ROLE_ORDER[a.role] - ROLE_ORDER[b.role])
    .flatMap((view) =>
      view.others.flatMap((theirs): Pair[] => {
        const months = view.months.filter(({ otherKey }) => otherKey === theirs.key);
        const key = [view.sourceKey, theirs.key].toSorted().join(" ");
        if (seen.has(key) || months.length === 0) return [];
        seen.add(key);
        return [{ ours: { key: view.sourceKey, title: view.title, role: view.role }, theirs, months }];
      }),
    );
}

const ROLE_WORDS: Record<SourceRole, string> = {
  counts: "counts",
  check: "is only compared with it",
  part: "counts for some of its accounts",
};

function PairPanel({ pair }: { pair: Pair }) {
  const { ours, theirs, months } = pair;
  const id = `title-comparison-${ours.key}-${theirs.key}`;
  return (
    <section aria-labelledby={id}>
      <h3 id={id}>
        <span className="font-semibold">{ours.title}</span>{" "}
        <span className="font-normal text-soft">{ROLE_WORDS[ours.role]},</span>{" "}
        <span className="font-semibold">{theirs.title}</span>{" "}
        <span className="font-normal text-soft">{ROLE_WORDS[theirs.role]}</span>
      </h3>
      <p className="mt-0.5">{agreementWords(months)}</p>
      <SourceComparisonTable oursTitle={ours.title} theirsTitle={theirs.title} months={months} />
    </section>
  );
}

/** More months than this are counted instead of named. */
const NAMED = 3;

function agreementWords(months: readonly ComparedMonth[]): string {
  const periods = [...new Set(months.map(({ period }) => billingPeriod(period)))].toSorted();
  const differing = [...new Set(months.filter((month) => !agrees(month.totals.difference)).map(({ period }) => period))]
    .toSorted()
    .map((period) => formatPeriod(billingPeriod(period)));
  const span = spanWords(periods);
  if (differing.length === 0) return `Billed and effective cost agree to the cent in ${span}.`;
  const named = differing.length <= NAMED ? differing.join(", ") : `${differing.length} months`;
  return `Billed and effective cost agree to the cent in ${span} but for ${named}.`;
}

/** "Nov 2025 – Nov 2026" where no month is missing in between, otherwise how many there are. */
function spanWords(periods: readonly BillingPeriod[]): string {
  const [first] = periods;
  const last = periods.at(-1);
  if (first === undefined || last === undefined) return "no month";
  if (first === last) return formatPeriod(first);
  const isWhole = addMonths(first, periods.length - 1) === last;
  return isWhole ? `${formatPeriod(first)} – ${formatPeriod(last)}` : `${periods.length} months`;
}
