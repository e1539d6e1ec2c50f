import type { Metadata } from "next";
import { Suspense } from "react";
import { pathWith } from "#app/_server/path-with.ts";
import { requireContext } from "#app/_session.ts";
import { parseBillState, pathPart } from "#app/(dashboard)/sprawl/bill-params.ts";
import { SprawlSkeleton } from "#app/(dashboard)/sprawl/_components/sprawl-skeleton.tsx";
import { namespaceHref } from "#app/(dashboard)/sprawl/hrefs.ts";
import type { RawParams } from "#app/(dashboard)/sprawl/search-params.ts";
import { NamespacePanel } from "#app/(dashboard)/sprawl/namespaces/[cluster]/[namespace]/_panels/namespace-panel.tsx";

type Place = { params: Promise<{ cluster: string; namespace: string }>; searchParams: Promise<RawParams> };

export async function generateMetadata({ params }: Place): Promise<Metadata> {
  return { title: pathPart((await params).namespace) };
}

export default async function NamespacePage({ params, searchParams }: Place) {
  const { cluster, namespace } = await params;
  const raw = await searchParams;
  const clusterKey = pathPart(cluster);
  const name = pathPart(namespace);
  const context = await requireContext(pathWith(namespaceHref({ clusterKey, name }, null), raw));
  const { uid, offset: _offset, ...state } = parseBillState(raw);
  return (
    <>
      <h1 className="text-xl break-words">Whose is {name}, what does it cost, and is it used?</h1>
      <Suspense fallback={<SprawlSkeleton />}>
        <NamespacePanel context={context} address={{ clusterKey, name, uid }} state={state} />
      </Suspense>
    </>
  );
}
