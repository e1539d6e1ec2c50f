import Link from "next/link";
import { formatCount, formatInstant } from "#lib/domain/format.ts";
import type { RetentionView } from "#lib/services/trail/retention/retention-view.ts";
import { leftWords } from "#app/(dashboard)/audit/retention/pseudonym-words.ts";

/** What was pseudonymised so far, order by order, and what is left to do. Whom an order was about is not kept. */
export function PseudonymOrders({ orders }: { orders: RetentionView["pseudonyms"] }) {
  if (orders.length === 0) return <p className="text-soft">Nobody has a pseudonym.</p>;
  return (
    <ul aria-label="Orders" className="border-t border-line">
      {orders.map(({ order, at, entries, left }) => (
        <li key={order} className="flex flex-wrap justify-between gap-x-4 border-b border-line py-1.5">
          <Link href="/audit?source=bursar&action=pseudonym.applied" prefetch={false} className="way-down">
            order {order}
          </Link>
          <span className="text-xs text-soft">
            {formatCount(entries)} {entries === 1 ? "event" : "events"} · {formatInstant(at)}
          </span>
          {left === null ? null : <p className="w-full text-xs">{leftWords(left)}</p>}
        </li>
      ))}
    </ul>
  );
}
