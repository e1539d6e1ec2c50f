import { Button } from "#app/_components/ui/button.tsx";
import { TextInput } from "#app/_components/ui/field.tsx";
import type { TeamsState } from "#app/(dashboard)/teams/teams-state.ts";

/** A form of the browser's own: it needs no code, and the answer is a link. */
export function TeamsFilter({ state }: { state: TeamsState }) {
  const { period, isCurrent, sort, find, asOf } = state;
  return (
    <form action="/teams" method="get" role="search" aria-label="Teams" className="flex max-w-md gap-2 print:hidden">
      {isCurrent ? null : <input type="hidden" name="period" value={period} />}
      {sort === "spend" ? null : <input type="hidden" name="sort" value={sort} />}
      {asOf === null ? null : <input type="hidden" name="asOf" value={asOf} />}
      <TextInput
        key={find}
        type="search"
        name="find"
        defaultValue={find}
        aria-label="Team, unit or cost centre"
        placeholder="Team, unit or cost centre"
      />
      <Button type="submit">Find</Button>
    </form>
  );
}
