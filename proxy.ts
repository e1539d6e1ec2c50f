import { NextResponse, type NextRequest } from "next/server";

const SIGN_IN = "/sign-in";
const SESSION_COOKIE = "bursar-session";

/**
 * Sends each page with a content security policy of its own: scripts run only with this page's nonce, and nothing is
 * loaded from, sent to or framed by another host. Charts and popups place themselves with style attributes.
 */
export function proxy(request: NextRequest): NextResponse {
  const { pathname, search } = request.nextUrl;
  // Only a first look: whether the cookie is worth anything is for each page's own guard to say.
  if (pathname !== SIGN_IN && !request.cookies.has(SESSION_COOKIE) && !pathname.includes(".")) {
    const target = request.nextUrl.clone();
    target.pathname = SIGN_IN;
    target.search = `?next=${encodeURIComponent(`${pathname}${search}`)}`;
    return NextResponse.redirect(target);
  }
  const nonce = Buffer.from(crypto.randomUUID()).toString("base64");
  const policy = policyFor(nonce);
  const headers = new Headers(request.headers);
  headers.set("x-nonce", nonce);
  headers.set("Content-Security-Policy", policy);
  const response = NextResponse.next({ request: { headers } });
  response.headers.set("Content-Security-Policy", policy);
  return response;
}

export const config = { matcher: [{ source: "/((?!_next/static|api/).*)" }] };

function policyFor(nonce: string): string {
  // The development server evaluates code to show server stacks in the browser; a production build never does.
  const evaluation = process.env.NODE_ENV === "development" ? " 'unsafe-eval'" : "";
  return [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${evaluation}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; ");
}
