import Link from "next/link";
import type { ServiceContext } from "#lib/services/context.ts";
import { readEvidence } from "#lib/services/posture/read-evidence.ts";
import { ErrorState } from "#app/_components/ui/states.tsx";
import { attempt } from "#app/_server/attempt.ts";

/** What the source answered, word for word, with the hash that a bundle names it by. */
export async function EvidencePart({
  context,
  hash,
  closeHref,
}: {
  context: ServiceContext;
  hash: string;
  closeHref: string;
}) {
  const answer = await attempt(() => readEvidence(context, { hash }));
  return (
    <section aria-labelledby="evidence" className="border-l-2 border-accent bg-accent-soft px-4 py-3">
      <div className="flex flex-wrap items-baseline justify-between gap-2">
        <h2 id="evidence" className="text-base">
          The source&apos;s own answer
        </h2>
        <Link href={closeHref} scroll={false} prefetch={false} className="link text-xs print:hidden">
          Close
        </Link>
      </div>
      {answer.error === null ? (
        <>
          <p className="mt-1 text-xs break-all text-soft">
            SHA-256 of its canonical JSON (RFC 8785): <code className="text-ink">{answer.value.hash}</code>
          </p>
          <pre
            tabIndex={0}
            role="region"
            aria-label="Evidence as JSON"
            className="mt-2 max-h-112 overflow-auto border border-line bg-surface p-3 text-xs"
          >
            {JSON.stringify(answer.value.content, null, 2)}
          </pre>
        </>
      ) : (
        <ErrorState error={answer.error} />
      )}
    </section>
  );
}
