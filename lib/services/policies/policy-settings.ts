import { loadConfig } from "#lib/config.ts";
import { DEFAULT_POLICY_SETTINGS, type PolicySettings } from "#lib/policies/policy-settings.ts";

/** The thresholds in force: those of bursar.yaml, and for what it does not name the defaults. */
export function policySettings(): PolicySettings {
  const given = Object.entries(loadConfig().policies).filter(([, value]) => value !== undefined);
  return { ...DEFAULT_POLICY_SETTINGS, ...Object.fromEntries(given) };
}
