import type { SigningKeyView } from "#lib/services/reports/report-view.ts";

const STEPS = `unzip -p bundle.zip verify-bundle.mjs > verify-bundle.mjs
node verify-bundle.mjs bundle.zip --key public-key.pem`;

/** How somebody who does not trust us checks a bundle. */
export function VerifySteps({ signingKey }: { signingKey: SigningKeyView | null }) {
  return (
    <section aria-labelledby="verify">
      <h2 id="verify" className="mb-2 font-semibold">
        Check a bundle
      </h2>
      <p className="max-w-prose text-soft">
        The script lies in every bundle, is short enough to be read, and needs Node 22.2 and no network. The bundle’s
        README has the same steps for <code>sha256sum</code> and <code>openssl</code>.
      </p>
      <pre
        tabIndex={0}
        aria-label="Commands"
        className="mt-2 overflow-x-auto border border-line bg-sunk px-3 py-2 text-xs"
      >
        {STEPS}
      </pre>
      {signingKey === null ? null : (
        <div className="mt-3 text-xs">
          <p>
            Signed with the key <code className="break-all">{signingKey.keyid}</code>.{" "}
            <a href="/api/v1/signing-key" download="signing-key.json" className="link">
              Public key
            </a>
          </p>
          <details className="mt-1">
            <summary className="min-h-6 text-soft">The key as a file</summary>
            <pre
              tabIndex={0}
              aria-label="Public key"
              className="mt-1 overflow-x-auto border border-line bg-sunk px-3 py-2"
            >
              {signingKey.publicKey}
            </pre>
          </details>
        </div>
      )}
    </section>
  );
}
