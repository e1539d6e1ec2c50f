import { Check, CircleAlert, TriangleAlert } from "lucide-react";
import Link from "next/link";
import { formatMoney } from "#lib/domain/format.ts";
import type { AttentionItem } from "#lib/services/spend/overview-view.ts";

/** What a person should look at, most urgent first. Red failed, amber is missing or old; the rest is worth knowing. */
export function Attention({ items, canSeeSources }: { items: AttentionItem[]; canSeeSources: boolean }) {
  return (
    <section aria-labelledby="attention">
      <h2 id="attention" className="text-base">
        Needs attention
      </h2>
      {items.length === 0 ? (
        <p className="mt-2 flex items-center gap-1.5 text-soft">
          <Check size={14} aria-hidden className="text-accent" /> Nothing is failing, missing or new without an owner.
        </p>
      ) : (
        <ul className="mt-2 divide-y divide-line border-y border-line">
          {items.map((item) => (
            <li key={`${item.kind} ${item.title}`} className="flex items-baseline gap-2 py-1.5">
              <Mark kind={item.kind} />
              <span className="min-w-0 flex-1">
                <Title item={item} canSeeSources={canSeeSources} />
                {item.detail === null ? null : <span className="block text-xs text-soft">{item.detail}</span>}
              </span>
              {item.amount === null || item.currency === null ? null : (
                <span className="whitespace-nowrap">{formatMoney(item.amount, item.currency)}</span>
              )}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Mark({ kind }: { kind: AttentionItem["kind"] }) {
  if (kind === "failed")
    return <TriangleAlert size={14} role="img" aria-label="Failed" className="shrink-0 self-center text-wrong" />;
  if (kind === "stale" || kind === "missing")
    return (
      <CircleAlert
        size={14}
        role="img"
        aria-label={kind === "stale" ? "Stale" : "Missing"}
        className="shrink-0 self-center text-warn"
      />
    );
  return (
    <span aria-hidden className="size-3.5 shrink-0 self-center text-center leading-none text-soft">
      ·
    </span>
  );
}

function Title({ item, canSeeSources }: { item: AttentionItem; canSeeSources: boolean }) {
  const href = hrefOf(item);
  if (["sources", "unallocated"].includes(item.target.page) && !canSeeSources) return item.title;
  return (
    <Link href={href} prefetch={false} className="way-down">
      {item.title}
    </Link>
  );
}

function hrefOf({ target }: AttentionItem): string {
  if (target.page === "sources") return `/sources#${encodeURIComponent(target.sourceKey)}`;
  if (target.page === "unallocated") return "/spend/unallocated";
  if (target.page === "heads") return "/audit/heads";
  const params = new URLSearchParams();
  if (target.team !== null) params.set("team", target.team);
  if (target.service !== null) params.set("service", target.service);
  if (target.team !== null && target.service === null) params.set("by", "service");
  return `/spend?${params.toString()}`;
}
