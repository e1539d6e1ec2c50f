import { cookies } from "next/headers";
import { Suspense, type ReactNode } from "react";
import { AsOfBand } from "#app/_components/frame/as-of-picker.tsx";
import { Rail } from "#app/_components/frame/rail.tsx";
import { sectionsFor } from "#app/_components/frame/sections.ts";
import { TopLine } from "#app/_components/frame/top-line.tsx";
import { readActor } from "#app/_session.ts";

/** The frame of every page. It draws; the guard is each page's own, because a layout is not rendered again between pages. */
export default async function DashboardLayout({ children }: { children: ReactNode }) {
  const actor = await readActor();
  if (actor === null) return children;
  const jar = await cookies();
  const theme = jar.get("bursar-theme")?.value;
  const sections = sectionsFor(actor);
  return (
    <div className="md:flex">
      <a
        href="#content"
        className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50 focus:bg-raised focus:px-3 focus:py-2"
      >
        Skip to content
      </a>
      <Suspense>
        <Rail sections={sections} startsCollapsed={jar.get("bursar-rail")?.value === "collapsed"} />
      </Suspense>
      <div className="min-w-0 flex-1 pb-16 md:pb-0">
        <Suspense>
          <TopLine actor={actor} sections={sections} theme={theme === "light" || theme === "dark" ? theme : "system"} />
          <AsOfBand />
        </Suspense>
        <main id="content" className="mx-auto max-w-[100rem] px-4 py-5 md:px-6 print:p-0">
          {children}
        </main>
      </div>
    </div>
  );
}
