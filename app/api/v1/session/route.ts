import { NextResponse } from "next/server";
import { cookies } from "next/headers";
import { z } from "zod";
import { readBody } from "#lib/http/read-input.ts";
import { respondError, respondJson } from "#lib/http/respond.ts";
import { requireSameOrigin } from "#lib/http/same-origin.ts";
import { signInAsPerson } from "#lib/services/session/sign-in-as-person.ts";
import { signInWithToken } from "#lib/services/session/sign-in-with-token.ts";
import { signOut } from "#lib/services/session/sign-out.ts";
import { contextOfNobody } from "#app/_server/context.ts";
import { readActor, SESSION_COOKIE } from "#app/_session.ts";

const SIGN_IN = z.union([z.object({ mail: z.string().min(1) }), z.object({ token: z.string().min(1) })]);

/** GET /api/v1/session: who is signed in, or null. */
export async function GET(): Promise<Response> {
  try {
    return respondJson({ actor: await readActor() });
  } catch (thrown) {
    return respondError(thrown);
  }
}

/** POST /api/v1/session { mail } in the demo, { token } for the local administrator. Sets the cookie. */
export async function POST(request: Request): Promise<Response> {
  try {
    requireSameOrigin(request);
    const input = await readBody(request, SIGN_IN);
    const context = contextOfNobody();
    const session = "mail" in input ? await signInAsPerson(context, input) : await signInWithToken(context, input);
    const response = NextResponse.json({ actor: session.actor });
    response.cookies.set(SESSION_COOKIE, session.token, {
      httpOnly: true,
      sameSite: "lax",
      path: "/",
      expires: new Date(session.expiresAt),
      secure: new URL(request.url).protocol === "https:" || request.headers.get("x-forwarded-proto") === "https",
    });
    return response;
  } catch (thrown) {
    return respondError(thrown);
  }
}

/** DELETE /api/v1/session: signs out. */
export async function DELETE(request: Request): Promise<Response> {
  try {
    requireSameOrigin(request);
    const token = (await cookies()).get(SESSION_COOKIE)?.value;
    if (token !== undefined) await signOut(contextOfNobody(), { token });
    const response = NextResponse.json({});
    response.cookies.delete(SESSION_COOKIE);
    return response;
  } catch (thrown) {
    return respondError(thrown);
  }
}
