import { CloudWatchLogsClient, FilterLogEventsCommand, type FilteredLogEvent } from "@aws-sdk/client-cloudwatch-logs";
import { AppError } from "#lib/errors.ts";
import { openAwsClients, type AwsClients } from "#lib/sources/aws/client.ts";
import { EKS_LOG_PERMISSIONS } from "#lib/sources/aws/permissions.ts";
import type { RequestGate } from "#lib/sources/aws/request-gate.ts";
import type { EksLogs } from "#lib/sources/kubernetes-audit/spec.ts";

/** Pages of one stretch of time. Pages may be empty for as long as CloudWatch looks through streams. */
const MOST_PAGES = 20_000;
const EVENTS_A_PAGE = 10_000;
/** The streams of the API servers' audit logs, one for each server. */
const STREAM_PREFIX = "kube-apiserver-audit-";

export type LogRequests = {
  /** The audit events of `[from, to)`, page by page, in order of time. */
  pages(from: Date, to: Date): AsyncGenerator<FilteredLogEvent[]>;
  clients: AwsClients;
};

/** @throws AppError as the classification of AWS's errors has it. */
export async function openLogRequests(logs: EksLogs, gate: RequestGate, signal: AbortSignal): Promise<LogRequests> {
  const clients = await openAwsClients(logs, gate, signal);
  const client = clients.open("logs", logs.region, (settings) => new CloudWatchLogsClient(settings));
  const logGroupName = `/aws/eks/${logs.clusterName}/cluster`;
  return {
    clients,
    async *pages(from, to) {
      let token: string | undefined;
      for (let page = 0; page < MOST_PAGES; page += 1) {
        const sent = token === undefined ? {} : { nextToken: token };
        const { events = [], nextToken } = await clients.attempt(EKS_LOG_PERMISSIONS[0], (options) =>
          client.send(
            new FilterLogEventsCommand({
              logGroupName,
              logStreamNamePrefix: STREAM_PREFIX,
              startTime: from.getTime(),
              // The end is inclusive.
              endTime: to.getTime() - 1,
              limit: EVENTS_A_PAGE,
              ...sent,
            }),
            options,
          ),
        );
        yield events;
        // An empty page that has a token is normal and not the end.
        if (nextToken === undefined || nextToken === "") return;
        token = nextToken;
      }
      throw new AppError("limit_reached", `The logs of an hour have more than ${MOST_PAGES} pages.`);
    },
  };
}
