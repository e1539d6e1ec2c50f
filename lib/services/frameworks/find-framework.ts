import { loadConfig } from "#lib/config.ts";
import type { Framework } from "#lib/domain/posture/framework.ts";
import { listFrameworks, loadFramework } from "#lib/frameworks/index.ts";

/** The framework of this id, shipped or of the installation's own. @throws AppError "not_found", "invalid_config", "invalid_input". */
export function findFramework(id: string): Framework {
  return loadFramework(id, loadConfig().frameworks);
}

/** All of them, those that come with Bursar first. */
export function configuredFrameworks(): Framework[] {
  return listFrameworks(loadConfig().frameworks);
}
