/** One line of the append-only log. */
export type ActivityView = {
  /** Order of arrival, as a decimal string. */
  id: string;
  at: string;
  actorId: string;
  role: string;
  action: string;
  subject: string;
  before: unknown;
  after: unknown;
};

/** A page of it, newest first. */
export type ActivityPage = {
  rows: ActivityView[];
  /** Pass as `before` for the next page; null = this was the last. */ next: string | null;
};
