import { classNames } from "#app/_components/ui/class-names.ts";

/** A change in percent. Colour would judge; more cost is not always wrong, so the sign speaks. */
export function ChangeText({ change, className }: { change: string | null; className?: string }) {
  if (change === null) return null;
  const isWord = change === "new" || change === "gone";
  return (
    <span className={classNames("whitespace-nowrap", isWord && "text-soft", className)}>
      {isWord ? change : `${change} %`}
    </span>
  );
}
