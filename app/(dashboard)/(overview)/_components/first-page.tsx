/** What stands here before any source is configured: the two ways on. */
export function FirstPage() {
  return (
    <div className="max-w-3xl">
      <h1 className="text-xl">Nothing is connected yet. There are two ways on.</h1>
      <div className="mt-6 grid gap-x-10 gap-y-8 md:grid-cols-2">
        <section aria-labelledby="connect">
          <h2 id="connect" className="text-base">
            Connect a source
          </h2>
          <p className="mt-1 text-soft">
            Bursar reads FOCUS cost exports: a folder of files, or a bucket of AWS Data Exports or Azure exports. Write
            this to <code>bursar.yaml</code> in the folder where you started Bursar, then start it again.
          </p>
          <Code label="bursar.yaml">{`organisation: Your company
tags: [team, environment]
sources:
  costs:
    kind: focus
    layout: files
    path: ./exports`}</Code>
          <p className="mt-3 text-soft">Or load files once, without configuring anything:</p>
          <Code label="Command">npx bursar import ./exports/*.csv</Code>
          <p className="mt-3 text-soft">
            <code>npx bursar check</code> says whether a source can be reached, and which permission is missing.
          </p>
        </section>
        <section aria-labelledby="demo">
          <h2 id="demo" className="text-base">
            See the demo
          </h2>
          <p className="mt-1 text-soft">
            A fictional insurer with 40 teams and 13 months of cost, read through the same sources as yours would be. It
            keeps its own database, and touches nothing of yours.
          </p>
          <Code label="Command">npm run demo</Code>
        </section>
      </div>
    </div>
  );
}

function Code({ label, children }: { label: string; children: string }) {
  return (
    <pre
      aria-label={label}
      tabIndex={0}
      className="mt-2 overflow-x-auto border border-line bg-sunk px-3 py-2 text-xs leading-5"
    >
      <code>{children}</code>
    </pre>
  );
}
