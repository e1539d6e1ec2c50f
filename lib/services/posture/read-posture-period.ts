import { AppError } from "#lib/errors.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { findFramework } from "#lib/services/frameworks/find-framework.ts";
import { answerPeriod } from "#lib/services/posture/answer-period.ts";
import type { PosturePeriodQuery, PosturePeriodView } from "#lib/services/posture/posture-period-view.ts";

const DAY_MS = 86_400_000;

/** A year and a month; longer periods are asked in parts. */
const MOST_DAYS = 400;

/**
 * Was each control met all the time, and if not, on how many days was it not? A failure counts whether it was waived or not: accepting a
 * risk does not make the thing compliant. Answered by what was known at the period's end. A member sees the own team's.
 *
 * @throws AppError "not_found" where there is no such framework, "invalid_input" where the period lies ahead or is too long.
 */
export async function readPosturePeriod(
  context: ServiceContext,
  { frameworkId, filters, ...asked }: PosturePeriodQuery,
): Promise<PosturePeriodView> {
  await authorise(context, "compliance:read", "posture");
  const framework = findFramework(frameworkId);
  const { from, to } = checkedPeriod(asked, context.now);
  const [answers] = await answerPeriod(context, { framework, from, to, filters, isByTeam: false });
  return {
    framework: { id: framework.id, name: framework.name, version: framework.version },
    from: from.toISOString(),
    to: to.toISOString(),
    days: Math.ceil((to.getTime() - from.getTime()) / DAY_MS),
    controls: answers?.controls ?? [],
  };
}

/** As much of the period as has been at the instant that it is read at. */
function checkedPeriod({ from, to, asOf }: Pick<PosturePeriodQuery, "from" | "to" | "asOf">, now: Date) {
  const limit = asOf !== null && asOf < now ? asOf : now;
  if (from >= limit)
    throw new AppError("invalid_input", "The period begins after the instant that it is read at.", {
      remedy: "Choose an earlier period, or a later instant.",
    });
  const end = to < limit ? to : limit;
  if (end.getTime() - from.getTime() > MOST_DAYS * DAY_MS)
    throw new AppError("invalid_input", `A period has at most ${MOST_DAYS} days.`, { remedy: "Ask in parts." });
  return { from, to: end };
}
