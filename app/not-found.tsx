import Link from "next/link";

export default function NotFound() {
  return (
    <main className="mx-auto max-w-prose px-6 py-16">
      <h1 className="text-xl">There is no such page.</h1>
      <p className="mt-2 text-soft">The link may be mistyped, or what it showed was removed.</p>
      <Link href="/" className="link mt-4 inline-block">
        Overview
      </Link>
    </main>
  );
}
