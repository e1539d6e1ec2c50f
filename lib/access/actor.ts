/** What a person may be. "member" sees the own team only; "system" is the scheduler. */
export type Role = "admin" | "finance" | "auditor" | "platform" | "member" | "system";

/** Who acts. `teamKey` is set for members. */
export type Actor = { id: string; name: string; role: Role; teamKey: string | null };

/** The scheduler and its jobs. */
export const SYSTEM_ACTOR: Actor = { id: "system", name: "Scheduler", role: "system", teamKey: null };

/** The person at the machine's own command line. */
export const COMMAND_LINE_ACTOR: Actor = { id: "command-line", name: "Command line", role: "admin", teamKey: null };
