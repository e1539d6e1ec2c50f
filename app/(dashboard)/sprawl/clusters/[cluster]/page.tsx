import type { Metadata } from "next";
import { Suspense } from "react";
import { pathWith } from "#app/_server/path-with.ts";
import { requireContext } from "#app/_session.ts";
import { parseBillState, pathPart } from "#app/(dashboard)/sprawl/bill-params.ts";
import { SprawlSkeleton } from "#app/(dashboard)/sprawl/_components/sprawl-skeleton.tsx";
import { clusterHref } from "#app/(dashboard)/sprawl/hrefs.ts";
import type { RawParams } from "#app/(dashboard)/sprawl/search-params.ts";
import { ClusterPanel } from "#app/(dashboard)/sprawl/clusters/[cluster]/_panels/cluster-panel.tsx";

type Place = { params: Promise<{ cluster: string }>; searchParams: Promise<RawParams> };

export async function generateMetadata({ params }: Place): Promise<Metadata> {
  return { title: pathPart((await params).cluster) };
}

export default async function ClusterPage({ params, searchParams }: Place) {
  const raw = await searchParams;
  const clusterKey = pathPart((await params).cluster);
  const context = await requireContext(pathWith(clusterHref(clusterKey, null), raw));
  const { uid: _uid, offset: _offset, ...state } = parseBillState(raw);
  return (
    <>
      <h1 className="text-xl break-words">What does {clusterKey} cost, and who uses it?</h1>
      <Suspense fallback={<SprawlSkeleton />}>
        <ClusterPanel context={context} clusterKey={clusterKey} state={state} />
      </Suspense>
    </>
  );
}
