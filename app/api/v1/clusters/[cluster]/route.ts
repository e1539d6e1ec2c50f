import { z } from "zod";
import { readParams } from "#lib/http/read-input.ts";
import { readCluster } from "#lib/services/clusters/read-cluster.ts";
import { answerRead } from "#app/_server/answer.ts";

const SCHEMA = z.object({ asOf: z.iso.datetime({ offset: true }).optional() });

/** GET /api/v1/clusters/:cluster: one cluster with its nodes, its namespaces' counts and what was not observed. */
export function GET(request: Request, { params }: { params: Promise<{ cluster: string }> }): Promise<Response> {
  return answerRead(async (context) => {
    const { asOf } = readParams(new URL(request.url).searchParams, SCHEMA);
    return readCluster(context, {
      clusterKey: (await params).cluster,
      asOf: asOf === undefined ? null : new Date(asOf),
    });
  });
}
