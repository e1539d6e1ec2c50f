import type { BundleHead } from "#lib/reports/bundle/write-bundle.ts";

/** The README of a bundle: what is in it, and how to check it with other people's tools. The steps are executed by a test. */
export function bundleReadme(title: string, { organisation, asOf, version }: BundleHead): string {
  return `# ${title}

Of ${organisation}, as of ${asOf.toISOString()}. Made by Bursar ${version}.

| file | what |
| --- | --- |
| report.pdf | the report to read: method, scope, period, sources, gaps, totals |
| data/ | the full population: CSV, JSON Lines and XLSX have the same rows; of compliance over a period also control-periods, whether each control was met all the time |
| oscal/, ocsf/ | the same as OSCAL assessment results and OCSF compliance findings, where it is about compliance |
| evidence/ | what the sources answered, word for word: the SHA-256 of a line (without its end) is what the column Evidence names; and files that people brought |
| proof/ | where it is about the audit trail: for each event its record, its leaf and the path from there to the signed head of the log |
| manifest.json | an in-toto statement: SHA-256 of each file, what was asked, rows, totals, sources, gaps |
| signature.dsse.json | the signature (DSSE, Ed25519) of a statement that names manifest.json by its SHA-256 |
| public-key.pem | the key to check it with. Its id is the SHA-256 of its DER form |
| timestamp.tsr | where there is one: an RFC 3161 time stamp of signature.dsse.json |
| verify-bundle.mjs | checks all of it; plain JavaScript that you can read |

Files that are not in the zip were not asked for.

## Check it

With the script, on the zip as you got it. It needs Node 22.2 or newer, and no network:

    unzip -p bundle.zip verify-bundle.mjs > verify-bundle.mjs
    node verify-bundle.mjs bundle.zip --key public-key-that-you-were-given.pem

Take the key from somebody whom you trust, not from the bundle: Bursar publishes it at /api/v1/signing-key, as JSON that
--key takes like PEM. Without --key the script shows that nothing was changed since it was signed, and not who signed it.

Without the script, in the folder that the zip was unpacked to, with sha256sum and openssl 3:

\`\`\`sh
sha256sum --check --strict SHA256SUMS
grep -q "$(sha256sum SHA256SUMS | cut -d ' ' -f 1)" manifest.json
sed 's/.*"payload":"\\([^"]*\\)".*/\\1/' signature.dsse.json | openssl base64 -d -A > signed.json
grep -q "\\"$(sha256sum manifest.json | cut -d ' ' -f 1)\\"" signed.json
printf 'DSSEv1 28 application/vnd.in-toto+json %d ' "$(wc -c < signed.json)" | cat - signed.json > signed.bin
sed 's/.*"sig":"\\([^"]*\\)".*/\\1/' signature.dsse.json | openssl base64 -d -A > signature.bin
openssl pkeyutl -verify -pubin -inkey public-key.pem -rawin -in signed.bin -sigfile signature.bin
openssl pkey -pubin -in public-key.pem -outform DER | sha256sum
\`\`\`

signed.json names the manifest, the manifest SHA256SUMS, and that every other file. The last line is the key's id, to compare with the one that you were given. Where there is a time stamp, with the certificate of its authority:

    openssl ts -verify -in timestamp.tsr -data signature.dsse.json -CAfile authority.pem

## Events of the audit trail

A line of proof/events.jsonl belongs to the row of the same place. The script checks each, by RFC 6962 section 2.1: SHA-256 of a zero byte and \`leaf\` in
UTF-8 is \`leafHash\`, and \`path\` leads from there to the root in proof/tree-head.dsse.json, which is signed like the manifest. In the leaf
stand the event's columns and two hashes: SHA-256 of \`salt\` (from hex) and \`personal\` as JSON without spaces, and SHA-256 of \`salt\` and \`record\`. Where
something had to be forgotten there is no salt, and the hashes alone are left. It shows that each event was in the log when the head was signed; that the search found
all of them it does not show.

## The numbers

Amounts in CSV and JSON Lines have every decimal. A cell of text that begins like a formula has an apostrophe before it in CSV and XLSX; JSON
Lines has it as it is. Instants are UTC; periods contain their beginning and not their end. An empty cell is unknown, and never zero.
`;
}
