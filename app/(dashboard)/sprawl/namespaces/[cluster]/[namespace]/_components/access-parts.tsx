import { Check, CircleAlert, CircleDashed } from "lucide-react";
import type { BindingView, GuardrailView, NamespaceView } from "#lib/services/namespaces/namespace-view.ts";
import { NotKnown, Part } from "#app/(dashboard)/sprawl/_components/part.tsx";
import { PlainTable } from "#app/(dashboard)/sprawl/_components/plain-table.tsx";

const SHOWN_BINDINGS = 12;

/** What is in place to keep it within bounds, and who may do what in it. */
export function AccessParts({ view }: { view: Pick<NamespaceView, "guardrails" | "bindings"> }) {
  const { guardrails, bindings } = view;
  return (
    <div className="grid gap-x-10 gap-y-8 xl:grid-cols-2">
      <Part id="guardrails" title="Guardrails">
        <ul className="divide-y divide-line">
          {guardrails.map((guardrail) => (
            <Guardrail key={guardrail.name} guardrail={guardrail} />
          ))}
        </ul>
      </Part>
      <Part id="bindings" title="Who may do what" of="by its role bindings" isLong>
        {bindings === null ? (
          <NotKnown what="Role bindings are" why="they may not be read." />
        ) : bindings.length === 0 ? (
          <p className="text-soft">No role is bound in it. Cluster roles may still reach it.</p>
        ) : (
          <PlainTable
            caption="Role bindings"
            rows={bindings}
            rowKey={({ name, role }) => `${name} ${role}`}
            shown={SHOWN_BINDINGS}
            columns={[
              {
                header: "Who",
                cell: ({ subjects }) => <Subjects subjects={subjects} />,
              },
              {
                header: "Role",
                cell: ({ role, isClusterRole }) => (
                  <>
                    {role} {isClusterRole ? <span className="text-xs text-soft">cluster role</span> : null}
                  </>
                ),
              },
              {
                header: "Binding",
                cell: ({ name }) => <span className="text-soft">{name}</span>,
                className: "hidden sm:table-cell",
              },
            ]}
          />
        )}
      </Part>
    </div>
  );
}

const STANDINGS = {
  ok: { word: "In place", Icon: Check, paint: "text-accent" },
  missing: { word: "Missing", Icon: CircleAlert, paint: "text-warn" },
  unknown: { word: "Not known", Icon: CircleDashed, paint: "text-soft" },
} as const;

function Guardrail({ guardrail: { title, standing, detail } }: { guardrail: GuardrailView }) {
  const { word, Icon, paint } = STANDINGS[standing];
  return (
    <li className="grid grid-cols-[1rem_1fr_auto] items-baseline gap-x-2 py-1.5">
      <Icon size={14} aria-hidden className={`self-center ${paint}`} />
      <span>
        {title} {detail === "" ? null : <span className="text-xs text-soft">{detail}</span>}
      </span>
      <span className={standing === "missing" ? "font-medium text-warn" : "text-soft"}>{word}</span>
    </li>
  );
}

function Subjects({ subjects }: Pick<BindingView, "subjects">) {
  if (subjects.length === 0) return <span className="text-soft">nobody</span>;
  return (
    <ul>
      {subjects.map(({ kind, name, namespace }) => (
        <li key={`${kind} ${namespace ?? ""} ${name}`} className="break-all">
          {name}{" "}
          <span className="text-xs whitespace-nowrap text-soft">
            {kind}
            {namespace === null ? "" : ` of ${namespace}`}
          </span>
        </li>
      ))}
    </ul>
  );
}
