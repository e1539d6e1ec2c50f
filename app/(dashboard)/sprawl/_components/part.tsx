import type { ReactNode } from "react";

/** A part of a page with its heading, what it is of, and where it leads. */
export function Part({
  id,
  title,
  of,
  children,
  isLong = false,
}: {
  id: string;
  title: string;
  of?: ReactNode;
  children: ReactNode;
  /** May be broken between pages of paper. */
  isLong?: boolean;
}) {
  return (
    <section aria-labelledby={id} data-rows={isLong ? "many" : undefined}>
      <h2 id={id} className="mb-2 border-b border-line-strong pb-1 text-base">
        {title}
        {of === undefined ? null : <span className="font-normal text-soft"> {of}</span>}
      </h2>
      {children}
    </section>
  );
}

/** What may not be read is told as that; it is not "none". */
export function NotKnown({ what, why }: { what: string; why?: string }) {
  return (
    <p className="text-warn">
      {what} not known{why === undefined ? "." : `: ${why}`}
    </p>
  );
}

/** Facts of one thing on one line, each with its name. */
export function Facts({ children }: { children: ReactNode }) {
  return <dl className="flex flex-wrap gap-x-10 gap-y-3 border-y border-line py-3">{children}</dl>;
}

export function Fact({ name, children, note }: { name: string; children: ReactNode; note?: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-xs text-soft">{name}</dt>
      <dd className="min-h-6 pt-0.5">{children}</dd>
      {note === undefined ? null : <dd className="text-xs text-soft">{note}</dd>}
    </div>
  );
}
