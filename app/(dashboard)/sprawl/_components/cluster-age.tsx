import { formatInstant, formatTime } from "#lib/domain/format.ts";
import type { Day, DayRange } from "#lib/domain/period.ts";
import type { ClusterStanding } from "#lib/services/sprawl/sprawl-view.ts";
import { countWords, daysWords } from "#app/(dashboard)/sprawl/sprawl-words.ts";

type ClusterAgeProps = {
  clusters: readonly ClusterStanding[];
  costRange: DayRange | null;
  today: Day;
  canConfigure: boolean;
};

/** How old what is shown is, and what of it is not known, by name: clusters that cannot be read, and kinds that may not be. */
export function ClusterAge({ clusters, costRange, today, canConfigure }: ClusterAgeProps) {
  const looks = clusters.flatMap(({ lookedAt }) => lookedAt ?? []).toSorted();
  const [oldest] = looks;
  const newest = looks.at(-1);
  const never = clusters.filter(({ lookedAt }) => lookedAt === null);
  const stale = clusters.filter(({ unknownSince, lookedAt }) => unknownSince !== null && lookedAt !== null);
  return (
    <div className="text-xs text-soft">
      {clusters.length === 0 ? null : (
        <p>
          {clusters.length === 1 ? "Cluster" : countWords(clusters.length, "cluster")} looked at{" "}
          {newest === undefined ? "never" : <Instant at={newest} today={today} />}
          {oldest === undefined || oldest === newest || clusters.length === 1 ? null : (
            <>
              , the oldest look at <Instant at={oldest} today={today} />
            </>
          )}
          {" · "}
          {costRange === null
            ? "cost of namespaces not known: no cluster's bill is split yet"
            : `effective cost of ${daysWords(costRange)}`}
        </p>
      )}
      {never.map(({ key, error }) => (
        <p key={key} className="mt-0.5 text-warn">
          {key} has not been read yet, so that nothing of it is shown.{error === null ? "" : ` ${error}`}
        </p>
      ))}
      {stale.map(({ key, unknownSince, lookedAt, error }) => (
        <p key={key} className="mt-0.5 text-warn">
          {key} cannot be read since <Instant at={unknownSince ?? ""} today={today} />: what is shown of it was seen at{" "}
          <Instant at={lookedAt ?? ""} today={today} />.{error === null ? "" : ` ${error}`}
        </p>
      ))}
      <NotAllowed clusters={clusters} canConfigure={canConfigure} />
    </div>
  );
}

function Instant({ at, today }: { at: string; today: Day }) {
  return <time dateTime={at}>{at.slice(0, 10) === today ? formatTime(at) : formatInstant(at)}</time>;
}

/** What may not be read is not known; it is not "none". Each comes with the line that would allow it. */
function NotAllowed({ clusters, canConfigure }: { clusters: readonly ClusterStanding[]; canConfigure: boolean }) {
  const denied = clusters.flatMap(({ key, unknown }) => unknown.map((one) => ({ ...one, cluster: key })));
  if (denied.length === 0) return null;
  const kinds = [...Map.groupBy(denied, ({ kind }) => kind)];
  return (
    <details className="mt-0.5">
      <summary className="min-h-6 text-warn">
        May not be read, so not known here:{" "}
        {kinds.map(([kind, own]) => `${kind} in ${own.map(({ cluster }) => cluster).join(", ")}`).join("; ")}
      </summary>
      <ul className="mt-1 space-y-1">
        {denied.map(({ cluster, kind, message, rbacLine }) => (
          <li key={`${cluster} ${kind}`}>
            <span className="font-medium text-ink">
              {cluster}, {kind}
            </span>
            : {message}
            {rbacLine === null || !canConfigure ? null : (
              <>
                {" "}
                Add to {rbacLine.startsWith("{") ? "the policy of its role" : "its ClusterRole"}:{" "}
                <code className="break-all text-ink">{rbacLine}</code>
              </>
            )}
          </li>
        ))}
      </ul>
    </details>
  );
}
