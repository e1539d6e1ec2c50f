"use client";

export default function GlobalError({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  return (
    <html lang="en">
      <body
        style={{ fontFamily: "system-ui, sans-serif", maxWidth: "40rem", margin: "4rem auto", padding: "0 1.5rem" }}
      >
        <title>Bursar failed</title>
        <h1>Bursar failed to draw this page.</h1>
        <p>
          Nothing was changed. Try again; if it happens again, give your administrator the id{" "}
          {error.digest ?? "in the log"}.
        </p>
        <button type="button" onClick={reset}>
          Try again
        </button>
      </body>
    </html>
  );
}
