"use client";

import { useMutation } from "@tanstack/react-query";
import type { Role } from "#lib/access/actor.ts";
import type { SignInPerson } from "#lib/services/session/session-view.ts";
import { errorViewOf, sendJson } from "#app/_queries/fetch-json.ts";
import { Button } from "#app/_components/ui/button.tsx";
import { ErrorState } from "#app/_components/ui/states.tsx";

/** What each role may do, in the words of somebody who has to choose one. */
const ROLE_WORDS: Record<Role, string> = {
  admin: "Everything, with rules, sources and the log",
  finance: "All spend, rules, closing of periods, the log",
  auditor: "Reads everything, changes nothing",
  platform: "All spend, sources and pulls",
  member: "The own team's spend",
  system: "The scheduler",
};

export function SignInChoice({ people, token, next }: { people: SignInPerson[]; token: string | null; next: string }) {
  const signIn = useMutation({
    mutationFn: (body: { mail: string } | { token: string }) => sendJson("POST", "/api/v1/session", body),
    // A full load: nothing that was cached for nobody may be shown to somebody.
    onSuccess: () => window.location.assign(next),
  });
  const isBusy = signIn.isPending || signIn.isSuccess;
  return (
    <div className="mt-4">
      {signIn.error === null ? null : <ErrorState error={errorViewOf(signIn.error)} />}
      {token === null ? null : (
        <div className="my-4">
          <p className="mb-3 text-soft">This link signs in the local administrator. It works once.</p>
          <Button look="primary" disabled={isBusy} onClick={() => signIn.mutate({ token })}>
            Sign in as the local administrator
          </Button>
        </div>
      )}
      {people.length === 0 ? null : (
        <People people={people} isBusy={isBusy} onChoose={(mail) => signIn.mutate({ mail })} />
      )}
      {people.length === 0 && token === null ? (
        <p className="text-soft">
          Bursar printed a link for its local administrator when it started. Open that link; it ends in{" "}
          <code>/sign-in?token=…</code>.
        </p>
      ) : null}
    </div>
  );
}

function People({
  people,
  isBusy,
  onChoose,
}: {
  people: SignInPerson[];
  isBusy: boolean;
  onChoose: (mail: string) => void;
}) {
  return (
    <>
      <p className="text-soft">This is the demo of a fictional insurer. Choose who you are.</p>
      <ul className="mt-3 divide-y divide-line border-y border-line">
        {people.map((person) => (
          <li key={person.mail}>
            <button
              type="button"
              disabled={isBusy}
              onClick={() => onChoose(person.mail)}
              className="flex w-full items-baseline gap-4 px-2 py-2 text-left hover:bg-hover disabled:opacity-60"
            >
              <span className="w-40 shrink-0 font-medium">{person.name}</span>
              <span className="text-soft">
                <span className="block text-ink">
                  {person.role === "member" ? `Member of ${person.teamName ?? "a team"}` : person.role}
                </span>
                <span className="block text-xs">{ROLE_WORDS[person.role]}</span>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}
