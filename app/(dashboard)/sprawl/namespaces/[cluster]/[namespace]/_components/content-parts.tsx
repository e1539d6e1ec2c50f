import type { ReactNode } from "react";
import { formatAmount, formatCount, formatInstant } from "#lib/domain/format.ts";
import type { NamespaceContentView, NamespaceView } from "#lib/services/namespaces/namespace-view.ts";
import { NotKnown, Part } from "#app/(dashboard)/sprawl/_components/part.tsx";
import { PlainTable } from "#app/(dashboard)/sprawl/_components/plain-table.tsx";
import { agoWords, countWords } from "#app/(dashboard)/sprawl/sprawl-words.ts";

const SHOWN = 12;

/** What is in it as it was last looked at, or when the verdict of then was first given: workloads and jobs, what they answer on, what they keep. */
export function ContentParts({ view, now }: { view: NamespaceView; now: Date }) {
  const { content, unknown, row } = view;
  if (view.asOf !== null && view.contentSeenAt === null)
    return (
      <Part id="workloads" title="What is in it">
        <p className="text-soft">
          What was inside, its guardrails and its role bindings were not kept then: it is kept since verdicts keep what
          they stand on, of the look that first gave each.
        </p>
      </Part>
    );
  const whyOf = (kind: string): string | undefined =>
    unknown.find((one) => one.kind.toLowerCase() === kind)?.message ?? undefined;
  return (
    <div className="space-y-8">
      <Part id="workloads" title="What is in it" of={podWords(content.pods)} isLong>
        <Workloads workloads={content.workloads} now={now} why={whyOf("deployments")} />
      </Part>
      <div className="grid gap-x-10 gap-y-8 xl:grid-cols-2">
        <Schedules content={content} why={whyOf("cronjobs")} />
        <Reach content={content} why={whyOf("services")} />
        <Volumes volumes={content.volumes} why={whyOf("persistentvolumeclaims")} />
        <CustomResources resources={content.customResources} />
      </div>
      <Written view={view} name={row.name} />
    </div>
  );
}

/** When guardrails, bindings and contents of an earlier instant were seen. */
export function SeenThen({ view: { contentSeenAt } }: { view: Pick<NamespaceView, "contentSeenAt"> }) {
  if (contentSeenAt === null) return null;
  return (
    <p className="text-soft">
      What was inside, from here on, is as it was at {formatInstant(contentSeenAt)}: it is kept when a verdict changes,
      not at every look.
    </p>
  );
}

function podWords(pods: NamespaceContentView["pods"]): string {
  if (pods === null) return "pods are not known";
  const { running, pending, cpuCores, memoryGib, gpus } = pods;
  const parts = [
    countWords(running, "pod"),
    ...(pending === 0 ? [] : [`${formatCount(pending)} pending`]),
    `${formatAmount(cpuCores)} cores`,
    `${formatAmount(memoryGib)} GiB`,
    ...(Number(gpus) === 0 ? [] : [`${gpus} ${Number(gpus) === 1 ? "GPU" : "GPUs"}`]),
  ];
  return `${parts.slice(0, pending === 0 ? 1 : 2).join(", ")}; requested ${parts.slice(pending === 0 ? 1 : 2).join(", ")}`;
}

function Workloads({
  workloads,
  now,
  why,
}: {
  workloads: NamespaceContentView["workloads"];
  now: Date;
  why: string | undefined;
}) {
  if (workloads === null) return <NotKnown what="Workloads are" why={why} />;
  if (workloads.length === 0) return <p className="text-soft">No workload is in it.</p>;
  return (
    <PlainTable
      caption="Workloads"
      rows={workloads}
      rowKey={({ kind, name }) => `${kind} ${name}`}
      shown={SHOWN}
      columns={[
        {
          header: "Workload",
          cell: ({ name, kind }) => (
            <>
              <span className="break-all">{name}</span> <span className="text-xs text-soft">{kind}</span>
            </>
          ),
        },
        {
          header: "Ready",
          isRight: true,
          cell: ({ ready, desired, isSuspended }) => (
            <span className={ready < desired && !isSuspended ? "text-warn" : undefined}>
              {ready} of {desired}
              {isSuspended ? ", suspended" : ""}
            </span>
          ),
        },
        {
          header: "Last rollout",
          cell: ({ lastRolloutAt }) => <Ago at={lastRolloutAt} now={now} />,
          className: "hidden sm:table-cell whitespace-nowrap",
        },
        {
          header: "Managed by",
          cell: ({ managedBy }) => managedBy ?? <span className="text-soft">nobody told</span>,
          className: "hidden md:table-cell",
        },
        {
          header: "Images",
          cell: ({ images }) => <span className="text-xs break-all text-soft">{images.join(", ")}</span>,
          className: "hidden lg:table-cell",
        },
      ]}
    />
  );
}

function Ago({ at, now }: { at: string | null; now: Date }) {
  if (at === null) return <span className="text-soft">not told</span>;
  return (
    <time dateTime={at} title={formatInstant(at)}>
      {agoWords(at, now)}
      {agoWords(at, now) === "today" ? "" : " ago"}
    </time>
  );
}

function Schedules({ content: { cronJobs, jobs }, why }: { content: NamespaceContentView; why: string | undefined }) {
  return (
    <Part id="jobs" title="Jobs" of={jobs === null ? undefined : countWords(jobs.length, "job")}>
      {cronJobs === null ? (
        <NotKnown what="Cron jobs are" why={why} />
      ) : cronJobs.length === 0 ? (
        <p className="text-soft">No cron job is in it.</p>
      ) : (
        <PlainTable
          caption="Cron jobs"
          rows={cronJobs}
          rowKey={({ name }) => name}
          shown={SHOWN}
          columns={[
            { header: "Cron job", cell: ({ name }) => <span className="break-all">{name}</span> },
            {
              header: "Schedule",
              cell: ({ schedule, suspended }) => (
                <>
                  <code>{schedule}</code>
                  {suspended ? ", suspended" : ""}
                </>
              ),
            },
            {
              header: "Last run",
              cell: ({ lastScheduledAt, lastSuccessfulAt }) =>
                lastScheduledAt === null ? (
                  <span className="text-soft">never</span>
                ) : (
                  <>
                    {formatInstant(lastScheduledAt)}
                    {lastSuccessfulAt === null ? <span className="text-warn">, never well</span> : null}
                  </>
                ),
            },
          ]}
        />
      )}
    </Part>
  );
}

function Reach({ content: { services, ingresses }, why }: { content: NamespaceContentView; why: string | undefined }) {
  return (
    <Part
      id="services"
      title="Services"
      of={
        ingresses === null
          ? "ingresses are not known"
          : `${formatCount(ingresses)} ${ingresses === 1 ? "ingress" : "ingresses"}`
      }
    >
      {services === null ? (
        <NotKnown what="Services are" why={why} />
      ) : services.length === 0 ? (
        <p className="text-soft">No service is in it.</p>
      ) : (
        <PlainTable
          caption="Services"
          rows={services}
          rowKey={({ name }) => name}
          shown={SHOWN}
          columns={[
            { header: "Service", cell: ({ name }) => <span className="break-all">{name}</span> },
            { header: "Type", cell: ({ type, isLoadBalancer }) => (isLoadBalancer ? `${type}, billed` : type) },
            {
              header: "Answers",
              cell: ({ hasEndpoints }) =>
                hasEndpoints === null ? (
                  <span className="text-soft">not known</span>
                ) : hasEndpoints ? (
                  "has endpoints"
                ) : (
                  "has no endpoint"
                ),
            },
          ]}
        />
      )}
    </Part>
  );
}

function Volumes({ volumes, why }: { volumes: NamespaceContentView["volumes"]; why: string | undefined }) {
  return (
    <Part
      id="volumes"
      title="Volumes"
      of={volumes === null || volumes.length === 0 ? undefined : "billed whether used or not"}
    >
      {volumes === null ? (
        <NotKnown what="Volumes are" why={why} />
      ) : volumes.length === 0 ? (
        <p className="text-soft">No volume is claimed in it.</p>
      ) : (
        <PlainTable
          caption="Volumes"
          rows={volumes}
          rowKey={({ claim }) => claim}
          shown={SHOWN}
          columns={[
            { header: "Claim", cell: ({ claim }) => <span className="break-all">{claim}</span> },
            { header: "GiB", isRight: true, cell: ({ gib }) => (gib === null ? "not known" : formatAmount(gib)) },
            { header: "Class", cell: ({ storageClass }) => storageClass ?? "", className: "hidden sm:table-cell" },
            {
              header: "Used",
              cell: ({ isUsedByPod, phase }) =>
                `${isUsedByPod === null ? "not known" : isUsedByPod ? "by a pod" : "by no pod"}${phase === "Bound" ? "" : `, ${phase}`}`,
            },
          ]}
        />
      )}
    </Part>
  );
}

function CustomResources({ resources }: { resources: NamespaceContentView["customResources"] }) {
  return (
    <Part id="custom" title="Custom resources">
      {resources === null ? (
        <NotKnown what="Custom resources are" />
      ) : resources.length === 0 ? (
        <p className="text-soft">None is in it.</p>
      ) : (
        <PlainTable
          caption="Custom resources"
          rows={resources}
          rowKey={({ group, kind }) => `${group} ${kind}`}
          shown={SHOWN}
          columns={[
            {
              header: "Kind",
              cell: ({ kind, group }) => (
                <>
                  {kind} <span className="text-xs break-all text-soft">{group}</span>
                </>
              ),
            },
            { header: "Number", isRight: true, cell: ({ count }) => formatCount(count) },
            { header: "Managed by", cell: ({ managedBy }) => managedBy ?? "" },
          ]}
        />
      )}
    </Part>
  );
}

/** Labels and annotations as they are written, folded away: the claims above have said what matters of them. */
function Written({ view: { labels, annotations }, name }: { view: NamespaceView; name: string }): ReactNode {
  const entries = [...Object.entries(labels), ...Object.entries(annotations)];
  if (entries.length === 0) return null;
  return (
    <details>
      <summary className="min-h-6 text-soft">
        {countWords(Object.keys(labels).length, "label")} and{" "}
        {countWords(Object.keys(annotations).length, "annotation")} of {name}
      </summary>
      <dl className="mt-1 grid gap-x-4 text-xs sm:grid-cols-[minmax(12rem,auto)_1fr]">
        {[
          ...Object.entries(labels).map(([key, value]) => ["label", key, value] as const),
          ...Object.entries(annotations).map(([key, value]) => ["annotation", key, value] as const),
        ].map(([kind, key, value]) => (
          <div key={`${kind} ${key}`} className="contents">
            <dt className="border-t border-line py-1 break-all text-soft">{key}</dt>
            <dd className="border-line py-1 break-all sm:border-t">{value || "–"}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
