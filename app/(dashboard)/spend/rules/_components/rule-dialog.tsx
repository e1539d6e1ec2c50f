"use client";

import { useState } from "react";
import { billingPeriod, type BillingPeriod } from "#lib/domain/period.ts";
import type { RuleMatch } from "#lib/domain/allocation/rule.ts";
import type { RuleDraft, RuleView } from "#lib/services/rules/rule-view.ts";
import { errorViewOf } from "#app/_queries/fetch-json.ts";
import { useRulePreview, useSaveRule } from "#app/_queries/rules.ts";
import { Button } from "#app/_components/ui/button.tsx";
import { Dialog } from "#app/_components/ui/dialog.tsx";
import { Field, TextInput } from "#app/_components/ui/field.tsx";
import { ErrorState } from "#app/_components/ui/states.tsx";
import { PreviewBlock } from "#app/_components/rules/give-dialog.tsx";
import { MATCH_FIELDS, MATCH_LABELS, type MatchField } from "#app/_components/rules/rule-words.ts";
import { TargetPicker, toTarget, toValues, type TargetDraft } from "#app/_components/rules/target-picker.tsx";

type Form = {
  name: string;
  fields: Record<MatchField, string>;
  tagKeys: string;
  tagValues: string;
  target: TargetDraft;
  validFrom: string;
  validTo: string;
};

type RuleDialogProps = {
  rule: RuleView | null;
  onClose: () => void;
  onSaved: (runIds: string[]) => void;
  onRemove: (ruleId: string) => void;
};

/** A rule, new or changed, with what saving it would move. */
export function RuleDialog({ rule, onClose, onSaved, onRemove }: RuleDialogProps) {
  const [form, setForm] = useState<Form>(() => toForm(rule));
  const [isRemoving, setRemoving] = useState(false);
  const draft = toDraft(form, rule);
  const preview = useRulePreview(draft);
  const save = useSaveRule();
  const set = (change: Partial<Form>): void => setForm({ ...form, ...change });
  return (
    <Dialog
      open
      onClose={onClose}
      title={rule === null ? "New rule" : `Edit ${rule.name}`}
      width="w-[min(64rem,calc(100vw-2rem))]"
      description="Within a condition one value is enough; all conditions must hold. * stands for any characters."
      footer={
        <>
          {rule === null ? null : isRemoving ? (
            <Button look="danger" className="mr-auto" onClick={() => onRemove(rule.ruleId)}>
              Really remove this rule
            </Button>
          ) : (
            <Button look="danger" className="mr-auto" onClick={() => setRemoving(true)}>
              Remove
            </Button>
          )}
          <Button onClick={onClose}>Cancel</Button>
          <Button
            look="primary"
            disabled={draft === null || save.isPending || preview.error !== null}
            onClick={() => draft !== null && save.mutate(draft, { onSuccess: ({ runIds }) => onSaved(runIds) })}
          >
            Save
          </Button>
        </>
      }
    >
      <div className="grid gap-x-8 gap-y-5 lg:grid-cols-[3fr_2fr]">
        <div className="space-y-5">
          <Field label="Name">
            <TextInput value={form.name} onChange={(event) => set({ name: event.target.value })} />
          </Field>
          <fieldset>
            <legend className="mb-2 text-xs font-semibold">When</legend>
            <div className="grid gap-3 sm:grid-cols-2">
              {MATCH_FIELDS.map((field) => (
                <Field key={field} label={MATCH_LABELS[field]}>
                  <TextInput
                    value={form.fields[field]}
                    placeholder="any"
                    onChange={(event) => set({ fields: { ...form.fields, [field]: event.target.value } })}
                  />
                </Field>
              ))}
              <Field label="Tag key">
                <TextInput
                  value={form.tagKeys}
                  placeholder="any"
                  onChange={(event) => set({ tagKeys: event.target.value })}
                />
              </Field>
              <Field label="Tag value" help="Several values apart by commas">
                <TextInput
                  value={form.tagValues}
                  placeholder="any that is given"
                  disabled={form.tagKeys.trim() === ""}
                  onChange={(event) => set({ tagValues: event.target.value })}
                />
              </Field>
            </div>
          </fieldset>
          <fieldset>
            <legend className="mb-2 text-xs font-semibold">Goes to</legend>
            <TargetPicker
              target={form.target}
              onChange={(target) => set({ target })}
              kinds={["team", "pool", "tag-value"]}
            />
          </fieldset>
          <div className="grid gap-3 sm:grid-cols-2">
            <Field label="From billing period">
              <TextInput
                type="month"
                value={form.validFrom}
                onChange={(event) => set({ validFrom: event.target.value })}
              />
            </Field>
            <Field label="Until before">
              <TextInput type="month" value={form.validTo} onChange={(event) => set({ validTo: event.target.value })} />
            </Field>
          </div>
        </div>
        <div className="space-y-4">
          <PreviewBlock preview={preview} isComplete={draft !== null} />
          {save.error === null ? null : <ErrorState error={errorViewOf(save.error)} />}
        </div>
      </div>
    </Dialog>
  );
}

function toForm(rule: RuleView | null): Form {
  const text = (values: readonly string[] | undefined): string => (values ?? []).join(", ");
  const target = rule?.target;
  return {
    name: rule?.name ?? "",
    fields: Object.fromEntries(MATCH_FIELDS.map((field) => [field, text(rule?.match[field])])) as Record<
      MatchField,
      string
    >,
    tagKeys: text(rule?.match.tag?.keys),
    tagValues: text(rule?.match.tag?.values),
    target: {
      kind: target?.kind ?? "team",
      key: target?.kind === "team" ? target.team : target?.kind === "pool" ? target.pool : null,
      tagKeys: target?.kind === "tag-value" ? target.keys.join(", ") : "",
    },
    validFrom: rule?.validFrom ?? "",
    validTo: rule?.validTo ?? "",
  };
}

/** The form as a draft; null while it is not complete. */
function toDraft(form: Form, rule: RuleView | null): RuleDraft | null {
  const target = toTarget(form.target, rule?.target.kind === "tag-value" ? rule.target.aliases : undefined);
  const match = toMatch(form);
  if (form.name.trim() === "" || target === null) return null;
  if (Object.keys(match).length === 0 && target.kind !== "tag-value") return null;
  return {
    ruleId: rule?.ruleId ?? null,
    position: rule?.position ?? null,
    name: form.name.trim(),
    match,
    target,
    validFrom: toPeriod(form.validFrom),
    validTo: toPeriod(form.validTo),
  };
}

function toMatch(form: Form): RuleMatch {
  const match: RuleMatch = {};
  for (const field of MATCH_FIELDS) {
    const values = toValues(form.fields[field]);
    if (values.length > 0) match[field] = values;
  }
  const keys = toValues(form.tagKeys);
  const values = toValues(form.tagValues);
  if (keys.length > 0) match.tag = values.length > 0 ? { keys, values } : { keys };
  return match;
}

function toPeriod(text: string): BillingPeriod | null {
  return /^\d{4}-\d{2}$/.test(text) ? billingPeriod(text) : null;
}
