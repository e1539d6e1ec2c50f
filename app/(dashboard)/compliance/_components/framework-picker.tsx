"use client";

import { useRouter } from "next/navigation";
import type { FrameworkChoice } from "#lib/services/frameworks/framework-view.ts";
import { Select } from "#app/_components/ui/select.tsx";
import { complianceHref, type ComplianceState } from "#app/(dashboard)/compliance/compliance-state.ts";

type FrameworkPickerProps = {
  choices: readonly FrameworkChoice[];
  chosen: string;
  state: ComplianceState;
  path: string;
  others?: Record<string, string | null>;
};

/** By which framework the question is asked. Groups that were open belong to the framework before. */
export function FrameworkPicker({ choices, chosen, state, path, others = {} }: FrameworkPickerProps) {
  const router = useRouter();
  return (
    <Select
      label="Framework"
      value={chosen}
      options={choices.map(({ id, name, version }) => ({ value: id, label: `${name} ${version}` }))}
      onChange={(framework) => router.push(complianceHref({ ...state, framework, open: null }, path, others))}
    />
  );
}
