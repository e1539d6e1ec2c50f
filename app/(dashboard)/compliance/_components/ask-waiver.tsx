"use client";

import dynamic from "next/dynamic";
import { useState } from "react";
import type { WaiverScope } from "#lib/domain/posture/waiver.ts";
import { Button } from "#app/_components/ui/button.tsx";

export type ScopeChoice = { kind: WaiverScope; key: string; label: string };

const load = () =>
  import("#app/(dashboard)/compliance/_components/ask-waiver-dialog.tsx").then((module) => module.AskWaiverDialog);
const AskWaiverDialog = dynamic(load, { ssr: false });

/** Asks that a failure be accepted until a day. The dialog's code is fetched when it is about to be opened. */
export function AskWaiver({ ruleKey, scopes }: { ruleKey: string; scopes: readonly ScopeChoice[] }) {
  const [isOpen, setOpen] = useState(false);
  if (scopes.length === 0) return null;
  return (
    <>
      <Button onClick={() => setOpen(true)} onPointerEnter={() => void load()} onFocus={() => void load()}>
        Ask for a waiver
      </Button>
      {isOpen ? <AskWaiverDialog ruleKey={ruleKey} scopes={scopes} onClose={() => setOpen(false)} /> : null}
    </>
  );
}
