import type { Amount } from "#lib/domain/money.ts";

const WIDTH = 80;
const HEIGHT = 18;

/** A row's course over the period. A null is a gap in the line. Says nothing that its row does not, so it is hidden from screen readers. */
export function Sparkline({ values }: { values: readonly (Amount | null)[] }) {
  const path = pathOf(values.map((value) => (value === null ? null : Number(value))));
  if (path === null) return <span className="text-soft">–</span>;
  return (
    <svg
      width={WIDTH}
      height={HEIGHT}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      aria-hidden
      className="inline-block align-middle text-accent"
    >
      <path
        d={path}
        fill="none"
        stroke="currentColor"
        strokeWidth="1.25"
        strokeLinejoin="round"
        strokeLinecap="round"
      />
    </svg>
  );
}

/** Pixels only: amounts as floats are good enough to draw with. */
function pathOf(values: readonly (number | null)[]): string | null {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return null;
  const low = Math.min(0, ...known);
  const high = Math.max(0, ...known);
  const span = high - low || 1;
  const step = values.length > 1 ? (WIDTH - 2) / (values.length - 1) : 0;
  let isDrawing = false;
  return values
    .map((value, index) => {
      if (value === null) {
        isDrawing = false;
        return "";
      }
      const command = isDrawing ? "L" : "M";
      isDrawing = true;
      const x = (1 + index * step).toFixed(1);
      const y = (HEIGHT - 1.5 - ((value - low) / span) * (HEIGHT - 3)).toFixed(1);
      // A lone point is drawn as a dot: a line of no length with round ends.
      return `${command}${x} ${y}${command === "M" && (values[index + 1] ?? null) === null ? `L${x} ${y}` : ""}`;
    })
    .join("");
}
