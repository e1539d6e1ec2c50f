import type { Metadata } from "next";
import { listSignInPeople } from "#lib/services/session/list-sign-in-people.ts";
import { ErrorState } from "#app/_components/ui/states.tsx";
import { attempt } from "#app/_server/attempt.ts";
import { contextOfNobody } from "#app/_server/context.ts";
import { SignInChoice } from "#app/(auth)/sign-in/_components/sign-in-choice.tsx";
import { parseSignInParams } from "#app/(auth)/sign-in/search-params.ts";

export const metadata: Metadata = { title: "Sign in" };
export const dynamic = "force-dynamic";

export default async function SignInPage({
  searchParams,
}: {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  const { token, next } = parseSignInParams(await searchParams);
  const people = await attempt(() => listSignInPeople(contextOfNobody()));
  return (
    <main className="mx-auto max-w-md px-6 py-16">
      <p className="font-semibold tracking-tight">Bursar</p>
      <h1 className="mt-6 text-xl">Sign in</h1>
      {people.error === null ? (
        <SignInChoice people={people.value} token={token} next={next} />
      ) : (
        <div className="mt-4">
          <ErrorState error={people.error} />
        </div>
      )}
    </main>
  );
}
