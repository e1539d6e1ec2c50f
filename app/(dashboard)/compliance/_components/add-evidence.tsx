"use client";

import { Upload } from "lucide-react";
import dynamic from "next/dynamic";
import { useState } from "react";
import { Button } from "#app/_components/ui/button.tsx";

const load = () =>
  import("#app/(dashboard)/compliance/_components/add-evidence-dialog.tsx").then((module) => module.AddEvidenceDialog);
const AddEvidenceDialog = dynamic(load, { ssr: false });

/** Brings a file for a control. The dialog's code is fetched when it is about to be opened. */
export function AddEvidence({ frameworkId, controlId }: { frameworkId: string; controlId: string }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)} onPointerEnter={() => void load()} onFocus={() => void load()}>
        <Upload size={14} aria-hidden /> Add evidence
      </Button>
      {isOpen ? (
        <AddEvidenceDialog frameworkId={frameworkId} controlId={controlId} onClose={() => setOpen(false)} />
      ) : null}
    </>
  );
}
