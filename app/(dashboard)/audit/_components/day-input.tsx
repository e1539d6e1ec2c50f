import { Field, TextInput } from "#app/_components/ui/field.tsx";

export function DayInput({ label, name, value }: { label: string; name: string; value: Date | null }) {
  return (
    <Field label={label}>
      <TextInput type="date" name={name} defaultValue={value?.toISOString().slice(0, 10) ?? ""} className="w-36" />
    </Field>
  );
}
