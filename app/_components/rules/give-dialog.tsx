"use client";

import { useState } from "react";
import type { RuleMatch } from "#lib/domain/allocation/rule.ts";
import type { RuleDraft } from "#lib/services/rules/rule-view.ts";
import { errorViewOf } from "#app/_queries/fetch-json.ts";
import { useRulePreview, useSaveRule } from "#app/_queries/rules.ts";
import { Button } from "#app/_components/ui/button.tsx";
import { Dialog } from "#app/_components/ui/dialog.tsx";
import { Field, TextInput } from "#app/_components/ui/field.tsx";
import { ErrorState, Skeleton } from "#app/_components/ui/states.tsx";
import { PreviewSentences } from "#app/_components/rules/preview-sentences.tsx";
import { matchWords } from "#app/_components/rules/rule-words.ts";
import { TargetPicker, toTarget, type TargetDraft } from "#app/_components/rules/target-picker.tsx";

type GiveDialogProps = { what: string; match: RuleMatch; onClose: () => void; onSaved: (runIds: string[]) => void };

/** "Give this to…": who, what that would move, save. Makes a rule, last in the order. */
export function GiveDialog({ what, match, onClose, onSaved }: GiveDialogProps) {
  const [target, setTarget] = useState<TargetDraft>({ kind: "team", key: null, tagKeys: "" });
  const [name, setName] = useState(what);
  const chosen = toTarget(target);
  const draft: RuleDraft | null =
    chosen === null || name.trim() === ""
      ? null
      : { ruleId: null, position: null, name: name.trim(), match, target: chosen, validFrom: null, validTo: null };
  const preview = useRulePreview(draft);
  const save = useSaveRule();
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Give ${what} to…`}
      description={matchWords(match).join(" and ")}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            look="primary"
            disabled={draft === null || save.isPending || preview.error !== null}
            onClick={() => draft !== null && save.mutate(draft, { onSuccess: ({ runIds }) => onSaved(runIds) })}
          >
            Save as a rule
          </Button>
        </>
      }
    >
      <div className="space-y-4">
        <TargetPicker target={target} onChange={setTarget} kinds={["team", "pool"]} />
        <Field label="Name of the rule">
          <TextInput value={name} onChange={(event) => setName(event.target.value)} />
        </Field>
        <PreviewBlock preview={preview} isComplete={draft !== null} />
        {save.error === null ? null : <ErrorState error={errorViewOf(save.error)} />}
      </div>
    </Dialog>
  );
}

/** The preview while it is asked for, answered or refused. */
export function PreviewBlock({
  preview,
  isComplete,
}: {
  preview: ReturnType<typeof useRulePreview>;
  isComplete: boolean;
}) {
  return (
    <section aria-label="What saving would do" aria-live="polite" className="border-l-2 border-line-strong pl-3">
      {isComplete ? null : <p className="text-soft">Complete it to see what it would move.</p>}
      {isComplete && preview.isPending ? <Skeleton className="h-5 w-96 max-w-full" /> : null}
      {isComplete && preview.error !== null ? <ErrorState error={errorViewOf(preview.error)} /> : null}
      {isComplete && preview.data !== undefined ? <PreviewSentences preview={preview.data} /> : null}
    </section>
  );
}
