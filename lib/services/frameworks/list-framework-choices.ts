import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { configuredFrameworks } from "#lib/services/frameworks/find-framework.ts";
import type { FrameworkChoice } from "#lib/services/frameworks/framework-view.ts";

/** What compliance can be asked by. @throws AppError "invalid_input", "invalid_config" where one of the installation's own cannot be read. */
export async function listFrameworkChoices(context: ServiceContext): Promise<FrameworkChoice[]> {
  await authorise(context, "compliance:read", "frameworks");
  return configuredFrameworks().map(({ id, name, version, publisher, controls }) => ({
    id,
    name,
    version,
    publisher,
    controls: controls.length,
    manualControls: controls.filter(({ rules }) => rules.length === 0).length,
  }));
}
