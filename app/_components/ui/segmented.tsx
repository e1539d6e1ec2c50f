import Link from "next/link";
import { classNames } from "#app/_components/ui/class-names.ts";

export type Segment = { label: string; href: string; isChosen: boolean };

const SEGMENT = "inline-flex h-8 items-center px-3 text-sm whitespace-nowrap first:rounded-l-md last:rounded-r-md";
const CHOSEN = "bg-accent-soft font-medium text-accent";
const OTHER = "text-soft hover:bg-hover hover:text-ink";
const FRAME = "inline-flex divide-x divide-line-strong overflow-clip rounded-md border border-line-strong print:hidden";

/** A choice of a few that stands in the URL: each segment is a link. */
export function SegmentedLinks({ label, segments }: { label: string; segments: Segment[] }) {
  return (
    <nav aria-label={label} className={FRAME}>
      {segments.map((segment) => (
        <Link
          key={segment.label}
          href={segment.href}
          scroll={false}
          prefetch={false}
          aria-current={segment.isChosen ? "true" : undefined}
          className={classNames(SEGMENT, segment.isChosen ? CHOSEN : OTHER)}
        >
          {segment.label}
        </Link>
      ))}
    </nav>
  );
}

export type SegmentedProps<Value extends string> = {
  label: string;
  value: Value;
  options: readonly { value: Value; label: string }[];
  onChange: (value: Value) => void;
};

/** A choice of a few that stays in the page. */
export function Segmented<Value extends string>({ label, value, options, onChange }: SegmentedProps<Value>) {
  return (
    <div role="group" aria-label={label} className={FRAME}>
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          aria-pressed={option.value === value}
          onClick={() => onChange(option.value)}
          className={classNames(SEGMENT, option.value === value ? CHOSEN : OTHER)}
        >
          {option.label}
        </button>
      ))}
    </div>
  );
}
