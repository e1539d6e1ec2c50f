"use client";

import { useRouter } from "next/navigation";
import { useState, type FormEvent } from "react";
import { formatCount } from "#lib/domain/format.ts";
import type { PseudonymPreview } from "#lib/services/trail/people/pseudonym-view.ts";
import { Button } from "#app/_components/ui/button.tsx";
import { Field, TextInput } from "#app/_components/ui/field.tsx";
import { ErrorState } from "#app/_components/ui/states.tsx";
import { errorViewOf } from "#app/_queries/fetch-json.ts";
import { usePreviewPseudonym, usePseudonymise } from "#app/_queries/trail.ts";
import { waitingWords } from "#app/(dashboard)/audit/retention/pseudonym-words.ts";
import { PreviewTable, stayingWords } from "#app/(dashboard)/audit/retention/_components/preview-table.tsx";

/** First where the person is, then the order with its reason. */
export function Pseudonymise() {
  const router = useRouter();
  const [progress, setProgress] = useState<string | null>(null);
  const tellProgress = (done: number, of: number) =>
    setProgress(`${formatCount(done)} of ${formatCount(of)} entries of the log were gone through.`);
  const preview = usePreviewPseudonym(tellProgress);
  const order = usePseudonymise(tellProgress);
  const isBusy = preview.isPending || order.isPending;
  const found = preview.data ?? null;
  const error = order.error ?? preview.error;

  function search(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const names = String(form.get("names") ?? "").split(",");
    order.reset();
    preview.mutate({
      person: String(form.get("person") ?? "").trim(),
      names: names.map((name) => name.trim()).filter(Boolean),
    });
  }

  return (
    <div className="mb-4 border border-line-strong bg-surface p-4">
      <form
        aria-label="Find a person"
        onSubmit={search}
        className="grid gap-3 sm:grid-cols-[1fr_2fr_max-content] sm:items-start"
      >
        <Field label="Person, by mail">
          <TextInput name="person" type="email" required maxLength={300} disabled={isBusy} />
        </Field>
        <Field
          label="Other names"
          help="User names, ARNs, ids of keys; with commas between. The directory’s name is taken by itself."
        >
          <TextInput name="names" maxLength={4000} disabled={isBusy} />
        </Field>
        <Button type="submit" className="sm:mt-5" disabled={isBusy}>
          Where are they?
        </Button>
      </form>
      <p aria-live="polite" className="mt-2 text-xs text-soft">
        {isBusy ? (progress ?? "The log is gone through.") : null}
      </p>
      {found === null ? null : (
        <>
          <PreviewTable preview={found} />
          {order.data === undefined || order.data === null ? (
            <OrderForm
              preview={found}
              isBusy={isBusy}
              onOrder={(reason) =>
                order.mutate(
                  { person: found.person, names: found.names.filter((name) => name !== found.person), reason },
                  { onSuccess: () => router.refresh() },
                )
              }
            />
          ) : (
            <p className="mt-3 max-w-prose">
              {formatCount(order.data.changed)} {order.data.changed === 1 ? "event has" : "events have"} the pseudonym{" "}
              {order.data.pseudonym} now.
              {order.data.held > 0
                ? ` ${formatCount(order.data.held)} are held and kept their names: order it again once the hold is lifted.`
                : ""}
              {order.data.damaged > 0
                ? ` ${formatCount(order.data.damaged)} are not what was logged and were left as they are: verify the trail.`
                : ""}
              {stayingWords(order.data.staying)}
              {order.data.tables === null ? "" : ` ${waitingWords(order.data.tables, "did")}`}
            </p>
          )}
        </>
      )}
      {error === null ? null : (
        <div className="mt-2">
          <ErrorState error={errorViewOf(error)} />
        </div>
      )}
    </div>
  );
}

function OrderForm(props: { preview: PseudonymPreview; isBusy: boolean; onOrder: (reason: string) => void }) {
  const { preview, isBusy, onOrder } = props;
  const [reason, setReason] = useState("");
  if (preview.isHeld)
    return (
      <p className="mt-3 max-w-prose">
        There is a legal hold on {preview.person}, so that no pseudonym can be ordered. Where its reason is over, lift
        it first and look again.
      </p>
    );
  return (
    <form
      aria-label="Order a pseudonym"
      className="mt-3 grid gap-3 sm:grid-cols-[1fr_max-content] sm:items-start"
      onSubmit={(event) => {
        event.preventDefault();
        onOrder(reason.trim());
      }}
    >
      <Field
        label="Why"
        help="Stands in the log for ever. What was downloaded in bundles, what backups have, Bursar’s own waivers, budgets and reports, and what a source still says of the person are not changed by it."
      >
        <TextInput
          required
          minLength={3}
          maxLength={1000}
          value={reason}
          disabled={isBusy}
          onChange={(event) => setReason(event.target.value)}
        />
      </Field>
      <Button type="submit" look="danger" className="sm:mt-5" disabled={isBusy || reason.trim().length < 3}>
        Make it {preview.pseudonym}
      </Button>
    </form>
  );
}
