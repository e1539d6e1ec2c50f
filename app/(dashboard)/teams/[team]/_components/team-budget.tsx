import { formatAmount, formatExact, formatInstant, formatPeriod } from "#lib/domain/format.ts";
import { decimal } from "#lib/domain/money.ts";
import { periodWords } from "#app/(dashboard)/spend/period-words.ts";
import type { BudgetView } from "#lib/services/budgets/budget-view.ts";
import type { TeamPageView } from "#lib/services/teams/team-view.ts";
import { classNames } from "#app/_components/ui/class-names.ts";
import { Part } from "#app/(dashboard)/sprawl/_components/part.tsx";
import { BudgetButton } from "#app/(dashboard)/teams/[team]/_components/budget-button.tsx";

type TeamBudgetProps = { view: TeamPageView; period: string };

/** What the team meant to spend in the month, and how far it is; nothing is foretold. */
export function TeamBudget({ view, period }: TeamBudgetProps) {
  const { budgets, team, spend, maySetBudget } = view;
  if (budgets === null) return null;
  const currencies = [...new Set([...budgets, ...spend.sections].map(({ currency }) => currency))];
  return (
    <Part id="budget" title="Budget" of={`effective cost, ${periodWords(period)}`}>
      <div className="space-y-4">
        {budgets.length === 0 ? (
          <p className="max-w-prose text-soft">
            No budget is set for this month, so that its spend is measured against nothing.{" "}
            {maySetBudget ? "" : "Finance and administrators set budgets here."}
          </p>
        ) : (
          budgets.map((budget) => <Progress key={budget.currency} budget={budget} />)
        )}
        {maySetBudget ? (
          <BudgetButton
            teamKey={team.key}
            teamName={team.name}
            period={period}
            currencies={currencies.length === 0 ? ["EUR"] : currencies}
            budgets={budgets.map(({ currency, amount }) => ({ currency, amount }))}
          />
        ) : null}
      </div>
    </Part>
  );
}

function Progress({ budget }: { budget: BudgetView }) {
  const { currency, amount, spent, remaining, spentPercent, elapsedPercent, standing, period } = budget;
  const money = (value: string) => <span title={formatExact(value, currency)}>{formatAmount(value, currency)}</span>;
  const isOver = standing === "over";
  const overrun = decimal(remaining).negated().toFixed();
  return (
    <section aria-label={`Budget in ${currency}`} className="max-w-3xl space-y-1">
      <p className="flex flex-wrap items-baseline gap-x-2">
        <span className="text-lg font-semibold tabular-nums">{money(spent)}</span>
        <span>
          of {money(amount)} {currency}
        </span>
        <span className={classNames("ml-auto", isOver ? "font-semibold text-wrong" : "text-soft")}>
          {isOver ? <>Over by {money(overrun)}</> : <>{money(remaining)} left</>}
        </span>
      </p>
      <Bar spentPercent={spentPercent} elapsedPercent={elapsedPercent} isOver={isOver} />
      <p className="text-xs text-soft">
        {spentPercent === null ? "The budget is zero. " : `${spentPercent} % spent; `}
        {elapsedPercent} % of {formatPeriod(period)} has passed
        {standing === "ahead" ? ", so that spending is ahead of the month" : ""}. Set by {budget.setBy},{" "}
        {formatInstant(budget.setAt)}, from {formatPeriod(budget.from)} on.
      </p>
    </section>
  );
}

/** The mark is how much of the month has passed: what stands beyond it was spent faster than the month went. */
function Bar({
  spentPercent,
  elapsedPercent,
  isOver,
}: {
  spentPercent: string | null;
  elapsedPercent: string;
  isOver: boolean;
}) {
  const filled = Math.min(100, Math.max(0, Number(spentPercent ?? (isOver ? 100 : 0))));
  return (
    <div aria-hidden className="relative h-3 w-full rounded-sm bg-sunk">
      <div
        className={classNames("h-full rounded-sm", isOver ? "bg-wrong" : "bg-part-direct")}
        style={{ width: `${filled}%` }}
      />
      <div className="absolute -top-0.5 -bottom-0.5 w-px bg-ink" style={{ left: `${elapsedPercent}%` }} />
    </div>
  );
}
