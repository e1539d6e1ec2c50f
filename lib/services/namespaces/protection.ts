import { loadConfig } from "#lib/config.ts";
import { PROTECTED_NAMES } from "#lib/domain/dormancy/veto.ts";

/** What the settings of a source of clusters protect from ever being called unused. */
export type Protection = {
  protectedNames: readonly string[];
  protectedLabels: readonly { key: string; value?: string }[];
};

/** A source that is no longer configured still has Kubernetes' own names protected. */
export function protectionOf(sourceKey: string): Protection {
  const spec = loadConfig().sources[sourceKey];
  if (spec?.kind === "aws-ecs") return { protectedNames: [], protectedLabels: plain(spec.protectedTags) };
  if (spec?.kind !== "kubernetes") return { protectedNames: PROTECTED_NAMES, protectedLabels: [] };
  return {
    protectedNames: spec.protectedNamespaces,
    protectedLabels: plain(spec.protectedLabels),
  };
}

function plain(marks: readonly { key: string; value?: string | undefined }[]): Protection["protectedLabels"] {
  return marks.map(({ key, value }) => (value === undefined ? { key } : { key, value }));
}
