"use client";

import { useRouter } from "next/navigation";
import { useState, type FormEvent } from "react";
import { Button } from "#app/_components/ui/button.tsx";
import { Field, TextInput } from "#app/_components/ui/field.tsx";
import { ErrorState } from "#app/_components/ui/states.tsx";
import { tell } from "#app/_components/ui/toast.tsx";
import { errorViewOf } from "#app/_queries/fetch-json.ts";
import { usePlaceHold } from "#app/_queries/trail.ts";

const SCOPE = [
  ["person", "Person, by mail"],
  ["accountId", "Account"],
  ["clusterKey", "Cluster"],
  ["namespace", "Namespace"],
  ["sourceKey", "Source"],
] as const;
const DATES = [
  ["from", "Happened from"],
  ["to", "Happened before"],
  ["until", "Ends by itself"],
] as const;
const FIELDS = [...[...SCOPE, ...DATES].map(([name]) => name), "reason"];

/** Places a hold. What is left empty does not narrow it; all that is filled in has to fit. */
export function PlaceHold() {
  const router = useRouter();
  const [isOpen, setOpen] = useState(false);
  const place = usePlaceHold();
  if (!isOpen)
    return (
      <Button className="mb-3" onClick={() => setOpen(true)}>
        Place a hold
      </Button>
    );

  function submit(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? "").trim() || null;
    const midnight = (name: string) => (text(name) === null ? null : `${text(name)}T00:00:00Z`);
    place.mutate(
      {
        reason: text("reason") ?? "",
        person: text("person"),
        accountId: text("accountId"),
        clusterKey: text("clusterKey"),
        namespace: text("namespace"),
        sourceKey: text("sourceKey"),
        from: midnight("from"),
        to: midnight("to"),
        until: midnight("until"),
      },
      {
        onSuccess: () => {
          tell({ title: "It is held.", detail: "Nothing inside of it is dropped any more." });
          setOpen(false);
          router.refresh();
        },
      },
    );
  }

  const error = place.error === null ? null : errorViewOf(place.error);
  const errorAt = (name: string) => (error?.place?.column === name ? error.message : null);
  const isAtField = FIELDS.some((name) => errorAt(name) !== null);

  return (
    <form aria-label="Place a hold" onSubmit={submit} className="mb-4 border border-line-strong bg-surface p-4">
      <div className="grid gap-3 sm:grid-cols-2 lg:grid-cols-4">
        {SCOPE.map(([name, label]) => (
          <Field key={name} label={label} error={errorAt(name)}>
            <TextInput name={name} maxLength={500} aria-invalid={errorAt(name) !== null} />
          </Field>
        ))}
        {DATES.map(([name, label]) => (
          <Field key={name} label={label} error={errorAt(name)}>
            <TextInput type="date" name={name} aria-invalid={errorAt(name) !== null} />
          </Field>
        ))}
      </div>
      <div className="mt-3">
        <Field
          label="Why"
          help="At least one field above has to narrow it. What is filled in has to fit together."
          error={errorAt("reason")}
        >
          <TextInput name="reason" required minLength={3} maxLength={1000} aria-invalid={errorAt("reason") !== null} />
        </Field>
      </div>
      <div className="mt-3 flex gap-2">
        <Button type="submit" look="primary" disabled={place.isPending}>
          Hold it
        </Button>
        <Button onClick={() => setOpen(false)}>Cancel</Button>
      </div>
      {error === null || isAtField ? null : (
        <div className="mt-2">
          <ErrorState error={error} />
        </div>
      )}
    </form>
  );
}
