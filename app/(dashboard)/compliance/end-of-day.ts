/** The end of a day as the API takes it: half-open, so that the day itself still counts. @param lastDay "2026-06-30". */
export function endOfDay(lastDay: string): string {
  const end = new Date(`${lastDay}T00:00:00Z`);
  end.setUTCDate(end.getUTCDate() + 1);
  return end.toISOString();
}
