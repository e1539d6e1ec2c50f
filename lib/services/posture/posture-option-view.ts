export const POSTURE_OPTION_KINDS = ["team", "unit", "account", "cluster", "environment"] as const;
export type PostureOptionKind = (typeof POSTURE_OPTION_KINDS)[number];

/** One value that compliance can be narrowed to. "" as key of a team is what nobody owns. */
export type PostureOption = { key: string; label: string };
