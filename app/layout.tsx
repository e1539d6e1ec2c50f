import type { Metadata, Viewport } from "next";
import { cookies } from "next/headers";
import type { ReactNode } from "react";
import { Providers } from "#app/_components/frame/providers.tsx";
import "#app/globals.css";

export const metadata: Metadata = {
  title: { default: "Bursar", template: "%s · Bursar" },
  description: "Who spends it, who owns it, is it compliant, and can you prove it.",
};

export const viewport: Viewport = { width: "device-width", initialScale: 1 };

/** The cookie that keeps a person's choice of light or dark; none = as the system has it. */
const THEME_COOKIE = "bursar-theme";

export default async function RootLayout({ children }: { children: ReactNode }) {
  const theme = (await cookies()).get(THEME_COOKIE)?.value;
  return (
    <html lang="en" data-theme={theme === "light" || theme === "dark" ? theme : undefined} suppressHydrationWarning>
      <body>
        <Providers>{children}</Providers>
      </body>
    </html>
  );
}
