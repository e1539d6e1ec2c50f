import { AppError } from "#lib/errors.ts";

/**
 * Refuses writes that another site's page sends with this person's cookie. Browsers tell where a request comes from
 * in Sec-Fetch-Site, older ones in Origin; a request with neither was not sent by a page and carries its cookie knowingly.
 */
export function requireSameOrigin(request: Request): void {
  const site = request.headers.get("sec-fetch-site");
  if (site === "same-origin") return;
  const origin = request.headers.get("origin");
  const isForeign = site !== null || (origin !== null && hostOf(origin) !== request.headers.get("host"));
  if (isForeign) {
    throw new AppError("forbidden", "This change was asked for by a page of another site, and was refused.", {
      remedy: "Open Bursar itself and do it there.",
    });
  }
}

function hostOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null;
}
