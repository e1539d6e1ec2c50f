const DAY_MS = 86_400_000;

/** True where `since` lies more than `days` days before `now`. */
export function isOlderThan(since: Date, days: number, now: Date): boolean {
  return now.getTime() - since.getTime() > days * DAY_MS;
}

/** "2026-05-01": the day in UTC. */
export function dayText(date: Date): string {
  return date.toISOString().slice(0, 10);
}
