import Link from "next/link";
import { formatInstant, formatTime } from "#lib/domain/format.ts";
import type { AccountsView } from "#lib/services/accounts/accounts-view.ts";

/** When each organisation was read, and what of it may not be read, with the permission that is missing. */
export function InventoryAge({ inventories, today }: { inventories: AccountsView["inventories"]; today: string }) {
  return (
    <div className="text-xs text-soft">
      {inventories.map(({ source, readAt, unknown }) => (
        <div key={source}>
          <p>
            {source} read{" "}
            <time dateTime={readAt}>{readAt.slice(0, 10) === today ? formatTime(readAt) : formatInstant(readAt)}</time>
          </p>
          {unknown.map(({ what, action }) => (
            <p key={`${what} ${action}`} className="mt-0.5 text-warn">
              {source}: {what} may not be read, so that it is unknown here. Allow <code>{action}</code> to its role.
            </p>
          ))}
        </div>
      ))}
    </div>
  );
}

const EXAMPLE = `sources:
  aws-organisation:
    kind: aws-organizations
    roleArn: arn:aws:iam::111122223333:role/bursar-read-organizations`;

/** Where no organisation is read: what that means here, and what to write to have one. */
export function NoOrganisation({ canConfigure }: { canConfigure: boolean }) {
  return (
    <div className="border-l-2 border-accent bg-accent-soft px-4 py-3">
      <p className="font-medium">No organisation is read, so only the accounts that cost names are listed.</p>
      <p className="mt-1">Whether an account is still a member, and whom its tags name, is unknown.</p>
      {canConfigure ? (
        <details className="mt-1">
          <summary className="min-h-6">What to add to bursar.yaml</summary>
          <pre className="mt-1 overflow-x-auto text-xs" tabIndex={0}>
            {EXAMPLE}
          </pre>
          <p className="mt-2">
            The role may read the organisation of the management account or of a delegated administrator; the policy is
            in deploy/aws. When it was read stands on{" "}
            <Link href="/sources" className="link">
              Sources
            </Link>
            .
          </p>
        </details>
      ) : null}
    </div>
  );
}
