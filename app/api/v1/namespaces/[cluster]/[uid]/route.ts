import { z } from "zod";
import { readParams } from "#lib/http/read-input.ts";
import { readNamespace } from "#lib/services/namespaces/read-namespace.ts";
import { answerRead } from "#app/_server/answer.ts";

const SCHEMA = z.object({ asOf: z.iso.datetime({ offset: true }).optional() });

type Place = { params: Promise<{ cluster: string; uid: string }> };

/** GET /api/v1/namespaces/:cluster/:uid: one namespace with its claims, its signs, what is in it and its history. */
export function GET(request: Request, { params }: Place): Promise<Response> {
  return answerRead(async (context) => {
    const { cluster, uid } = await params;
    const { asOf } = readParams(new URL(request.url).searchParams, SCHEMA);
    return readNamespace(context, { clusterKey: cluster, uid, asOf: asOf === undefined ? null : new Date(asOf) });
  });
}
