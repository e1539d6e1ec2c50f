import { CloudTrailClient, LookupEventsCommand, type Event } from "@aws-sdk/client-cloudtrail";
import { AppError } from "#lib/errors.ts";
import type { CloudTrailSpec } from "#lib/sources/aws-cloudtrail/spec.ts";
import { openAwsClients, type AwsClients } from "#lib/sources/aws/client.ts";
import { CLOUDTRAIL_LOOKUP_PERMISSIONS } from "#lib/sources/aws/permissions.ts";
import type { RequestGate } from "#lib/sources/aws/request-gate.ts";

/** Of one stretch of time; at two requests a second that is more than half an hour. */
const MOST_PAGES = 4_000;
const EVENTS_A_PAGE = 50;

export type TrailLookup = {
  /** The account that answers, which is also whose rate the requests count against. */
  account(): Promise<string>;
  /**
   * Events of a region from `from` to `to`, both included and by the second, page by page, the newest first. Ends early, and says so by
   * returning false, where AWS no longer takes the token of the next page.
   */
  pages(region: string, from: Date, to: Date): AsyncGenerator<Event[], boolean>;
  clients: AwsClients;
};

/** The connection for one account: its own role, or whatever the source has. */
export function connectionOf(spec: CloudTrailSpec, account: string | null): CloudTrailSpec {
  if (spec.accountRole === undefined || account === null) return spec;
  const partition = spec.region.startsWith("cn-") ? "aws-cn" : spec.region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
  return { ...spec, roleArn: `arn:${partition}:iam::${account}:role/${spec.accountRole}` };
}

/** @throws AppError as the classification of AWS's errors has it. */
export async function openLookup(spec: CloudTrailSpec, gate: RequestGate, signal: AbortSignal): Promise<TrailLookup> {
  const clients = await openAwsClients(spec, gate, signal);
  const opened = new Map<string, CloudTrailClient>();
  return {
    clients,
    account: () => clients.callerAccount(),
    async *pages(region, StartTime, EndTime) {
      const client =
        opened.get(region) ?? clients.open("cloudtrail", region, (settings) => new CloudTrailClient(settings));
      opened.set(region, client);
      let token: string | undefined;
      for (let page = 0; page < MOST_PAGES; page += 1) {
        const sent = token === undefined ? {} : { NextToken: token };
        const command = new LookupEventsCommand({ StartTime, EndTime, MaxResults: EVENTS_A_PAGE, ...sent });
        const answer = await clients.attempt(CLOUDTRAIL_LOOKUP_PERMISSIONS[0], (options) =>
          client.send(command, options).catch((thrown: unknown) => {
            const isStale = thrown instanceof Error && thrown.name === "InvalidNextTokenException";
            if (isStale && sent.NextToken !== undefined) return null;
            throw thrown;
          }),
        );
        if (answer === null) return false;
        yield answer.Events ?? [];
        // A page without events that has a token is not the end.
        token = answer.NextToken;
        if (!token) return true;
      }
      throw new AppError(
        "limit_reached",
        `CloudTrail has more than ${MOST_PAGES * EVENTS_A_PAGE} events of a day in ${region}.`,
        { remedy: "The next run goes on from here. A trail that writes to a bucket is read much faster." },
      );
    },
  };
}
