import { AppError } from "#lib/errors.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import type { RuleQuery, RuleView } from "#lib/services/posture/posture-view.ts";

/** What a rule says of its resources at an instant, one page of it. */
export async function readRule(context: ServiceContext, query: RuleQuery): Promise<RuleView> {
  await authorise(context, "compliance:read", "posture");
  throw new AppError("internal", JSON.stringify(query));
}
