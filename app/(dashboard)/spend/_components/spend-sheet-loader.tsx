"use client";

import dynamic from "next/dynamic";

/** The sheet is fetched when somebody goes down to the records. */
export const SpendSheet = dynamic(
  () => import("#app/(dashboard)/spend/_components/spend-sheet.tsx").then((module) => module.SpendSheet),
  { ssr: false },
);
