import { AwsFailure, type AwsService } from "#demo/aws/service.ts";

/** What a workspace answers to "/api/v1/query?…", as Prometheus does. Null where there is no such workspace. */
export type PrometheusWorkspaces = (
  workspace: string,
  path: string,
  parameters: URLSearchParams,
) => { code: number; body: string } | null;

type Asked = { workspace: string; path: string; parameters: string };

/** Amazon Managed Service for Prometheus: Prometheus' own API behind AWS's signatures and permissions. */
export function createManagedPrometheus(workspaces: PrometheusWorkspaces): AwsService {
  return {
    name: "aps",
    protocol: "rest-json",
    target: "",
    regions: null,
    throttling: { code: "ThrottlingException", message: "Rate exceeded" },
    failures: {},
    route: ({ path, query }) => {
      const [, workspace, rest] = /^\/workspaces\/([^/]+)(\/api\/v1\/query(?:_range)?)$/.exec(path) ?? [];
      if (workspace === undefined || rest === undefined) return null;
      return { operation: "QueryMetrics", input: { workspace, path: rest, parameters: query.toString() } };
    },
    operations: {
      QueryMetrics: {
        schema: null,
        action: "aps:QueryMetrics",
        isUnsigned: false,
        resourceOf: (input, { account }) => `arn:aws:aps:*:${account}:workspace/${(input as Asked).workspace}`,
        answer: (input) => {
          const { workspace, path, parameters } = input as Asked;
          const given = workspaces(workspace, path, new URLSearchParams(parameters));
          if (given === null)
            throw new AwsFailure("ResourceNotFoundException", `Workspace not found: ${workspace}`, { status: 404 });
          if (given.code >= 400) throw new AwsFailure("ValidationException", given.body, { status: given.code });
          return JSON.parse(given.body) as object;
        },
      },
    },
  };
}
