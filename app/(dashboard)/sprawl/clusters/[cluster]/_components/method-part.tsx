import type { ClusterBillView, ClusterMethodView } from "#lib/services/cluster-bill/cluster-bill-view.ts";
import { Part } from "#app/(dashboard)/sprawl/_components/part.tsx";
import { idleWords, METHOD_LABELS, METHOD_MEANINGS, methodSince } from "#app/(dashboard)/sprawl/method-words.ts";
import { countWords } from "#app/(dashboard)/sprawl/sprawl-words.ts";
import { MethodButton } from "#app/(dashboard)/sprawl/clusters/[cluster]/_components/method-button.tsx";

/** How the bill is split, since when, and what was done about what is not known. */
export function MethodPart({ bill, clusterKey }: { bill: ClusterBillView; clusterKey: string }) {
  const { methods, notes, idleOwner, may } = bill;
  const [current] = methods;
  return (
    <Part id="method" title="How it is split">
      <ul className="divide-y divide-line">
        {methods.map((method) => (
          <Method key={`${method.id ?? ""} ${method.validFrom ?? ""}`} method={method} idleOwner={idleOwner} />
        ))}
      </ul>
      {may.changeMethod && current !== undefined && bill.asOf === null ? (
        <MethodButton clusterKey={clusterKey} current={current} />
      ) : null}
      {notes.length === 0 ? null : (
        <ul className="mt-3 space-y-0.5 text-xs text-soft">
          {notes.map(({ text, days }) => (
            <li key={text}>
              {text} <span className="whitespace-nowrap">({countWords(days, "day")})</span>
            </li>
          ))}
        </ul>
      )}
    </Part>
  );
}

function Method({ method, idleOwner }: { method: ClusterMethodView; idleOwner: string | null }) {
  const { shared } = method;
  const weights = typeof shared.how === "string" ? [] : Object.entries(shared.how.weights);
  return (
    <li className="py-2">
      <p>
        <span className="font-medium">{METHOD_LABELS[method.method]}</span>: {METHOD_MEANINGS[method.method]};{" "}
        {idleWords(method)}
        {method.idle === "owner" && idleOwner !== null ? ` (${idleOwner})` : ""}.
      </p>
      <p className="text-soft">
        {shared.names.length === 0 ? (
          "No namespace is shared."
        ) : (
          <>
            Shared, carried by the others{" "}
            {shared.how === "even" ? "evenly" : shared.how === "by-use" ? "by use" : "by fixed weights"}:{" "}
            <span className="text-ink">{shared.names.join(", ")}</span>
            {weights.length === 0 ? "." : ` (${weights.map(([name, weight]) => `${name} ${weight}`).join(", ")}).`}
          </>
        )}
      </p>
      <p className="text-xs text-soft">{methodSince(method)}</p>
    </li>
  );
}
