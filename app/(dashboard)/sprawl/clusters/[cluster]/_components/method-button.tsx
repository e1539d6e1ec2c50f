"use client";

import dynamic from "next/dynamic";
import { useState } from "react";
import type { ClusterMethodView } from "#lib/services/cluster-bill/cluster-bill-view.ts";
import { Button } from "#app/_components/ui/button.tsx";

const MethodDialog = dynamic(
  () =>
    import("#app/(dashboard)/sprawl/clusters/[cluster]/_components/method-dialog.tsx").then(
      (module) => module.MethodDialog,
    ),
  { ssr: false },
);

export function MethodButton({ clusterKey, current }: { clusterKey: string; current: ClusterMethodView }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button className="mt-2" onClick={() => setOpen(true)}>
        Change the method…
      </Button>
      {isOpen ? <MethodDialog clusterKey={clusterKey} current={current} onClose={() => setOpen(false)} /> : null}
    </>
  );
}
