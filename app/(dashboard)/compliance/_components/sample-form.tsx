"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { Button } from "#app/_components/ui/button.tsx";
import { INPUT_CLASS } from "#app/_components/ui/field.tsx";
import { classNames } from "#app/_components/ui/class-names.ts";

const SEED_BYTES = 6;

type SampleFormProps = { size: number; seed: string; most: number; href: string };

/** How many, and by which seed. @param href the page without either. */
export function SampleForm({ size, seed, most, href }: SampleFormProps) {
  const router = useRouter();
  const [sizeText, setSize] = useState(String(size));
  const [seedText, setSeed] = useState(seed);
  const count = Number(sizeText);
  const isReadable = Number.isInteger(count) && count >= 1 && count <= most && seedText.trim() !== "";

  function draw(withSeed: string): void {
    if (!isReadable) return;
    const url = new URL(href, window.location.origin);
    url.searchParams.set("size", sizeText);
    url.searchParams.set("seed", withSeed);
    setSeed(withSeed);
    router.push(`${url.pathname}${url.search}`, { scroll: false });
  }

  return (
    <form
      aria-label="Draw a sample"
      className="flex flex-wrap items-center gap-2 text-sm print:hidden"
      onSubmit={(event) => {
        event.preventDefault();
        draw(seedText.trim());
      }}
    >
      <label className="flex items-center gap-1.5">
        <span className="text-xs text-soft">Size</span>
        <input
          type="number"
          min={1}
          max={most}
          value={sizeText}
          onChange={(event) => setSize(event.target.value)}
          className={classNames(INPUT_CLASS, "w-20")}
        />
      </label>
      <label className="flex items-center gap-1.5">
        <span className="text-xs text-soft">Seed</span>
        <input
          value={seedText}
          maxLength={100}
          onChange={(event) => setSeed(event.target.value)}
          className={classNames(INPUT_CLASS, "w-44 font-mono")}
        />
      </label>
      <Button type="submit" look="primary" disabled={!isReadable}>
        Draw
      </Button>
      <Button disabled={!isReadable} onClick={() => draw(newSeed())}>
        With a new seed
      </Button>
    </form>
  );
}

function newSeed(): string {
  return [...crypto.getRandomValues(new Uint8Array(SEED_BYTES))]
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}
