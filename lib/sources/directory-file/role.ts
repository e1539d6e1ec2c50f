/** The roles that a directory may give; see lib/access for what they allow. */
export const DIRECTORY_ROLES = ["admin", "finance", "auditor", "platform", "member"] as const;
export type DirectoryRole = (typeof DIRECTORY_ROLES)[number];

export function isRole(text: string): text is DirectoryRole {
  return DIRECTORY_ROLES.some((role) => role === text);
}
