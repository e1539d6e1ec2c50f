import { AppError } from "#lib/errors.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { findFramework } from "#lib/services/frameworks/find-framework.ts";
import type { PostureControlView, PostureQuery, PostureView } from "#lib/services/posture/posture-view.ts";
import { readPosture } from "#lib/services/posture/read-posture.ts";

export type ControlView = { description: string; control: PostureControlView; posture: PostureView };

/** One control of a framework: what it asks in our words, and how it stands. @throws AppError "not_found". */
export async function readControl(
  context: ServiceContext,
  { controlId, ...query }: PostureQuery & { controlId: string },
): Promise<ControlView> {
  await authorise(context, "compliance:read", `control ${controlId}`);
  const known = findFramework(query.frameworkId).controls.find(({ id }) => id === controlId);
  const posture = await readPosture(context, { ...query, filters: { ...query.filters, controls: [controlId] } });
  const control = posture.controls.find(({ id }) => id === controlId);
  if (!known || !control)
    throw new AppError("not_found", `${posture.framework.name} has no control "${controlId}".`, {
      remedy: "Choose one on Compliance.",
    });
  return { description: known.description, control, posture };
}
