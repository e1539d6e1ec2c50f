import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { parseAllDocuments } from "yaml";
import { z } from "zod";
import { readOwnerText, type NamedOwner } from "#lib/domain/ownership/claim.ts";
import { AppError } from "#lib/errors.ts";
import { parseLabelSelector } from "#lib/sources/kubernetes/label-selector.ts";
import type { KubernetesSpec } from "#lib/sources/kubernetes/spec.ts";

const NAMESPACE = "backstage.io/kubernetes-namespace";
const SELECTOR = "backstage.io/kubernetes-label-selector";
const OBJECT_ID = "backstage.io/kubernetes-id";
const CLUSTER = "backstage.io/kubernetes-cluster";
const PAGE_SIZE = 500;
/** With full pages this is a catalog of half a million entities. */
const MAX_PAGES = 1000;
const REQUEST_TIMEOUT_MS = 60_000;

const entity = z.object({
  kind: z.string(),
  metadata: z.object({
    name: z.string(),
    namespace: z.string().nullish(),
    annotations: z.record(z.string(), z.string()).nullish(),
  }),
  spec: z
    .object({ owner: z.string().nullish(), profile: z.object({ email: z.string().nullish() }).nullish() })
    .nullish(),
});
type Entity = z.infer<typeof entity>;

const entityPage = z.object({
  items: z.array(z.unknown()),
  pageInfo: z.object({ nextCursor: z.string().nullish() }).nullish(),
});

/** Something of a Backstage catalog that runs in Kubernetes. It is in `namespace`, or wherever its selector finds workloads. */
export type CatalogEntity = {
  /** "component:default/claims-api". */
  reference: string;
  owner: NamedOwner;
  namespace: string | null;
  /** Key of the cluster that it is in; null = any. */
  cluster: string | null;
  matches: ((labels: Readonly<Record<string, string>>) => boolean) | null;
};

/**
 * The entities of the catalog that say where they run and who owns them.
 *
 * @throws AppError "invalid_config" for a file that is not there, "bad_data" for one that is no YAML, "unavailable" or "denied" for Backstage.
 */
export async function readCatalog(settings: KubernetesSpec["catalog"], signal: AbortSignal): Promise<CatalogEntity[]> {
  if (settings === undefined) return [];
  const { files, url, token } = settings;
  const found = (await Promise.all(files.map(readFileEntities))).flat();
  if (url !== undefined) found.push(...(await askEntities(url, token, signal)));
  const entities = found.flatMap((one) => entity.safeParse(one).data ?? []);
  const mails = new Map(
    entities.flatMap(({ kind, metadata, spec }) =>
      kind.toLowerCase() === "user" && spec?.profile?.email ? [[metadata.name.toLowerCase(), spec.profile.email]] : [],
    ),
  );
  return entities.flatMap((one) => runningEntity(one, mails));
}

function runningEntity({ kind, metadata, spec }: Entity, mails: ReadonlyMap<string, string>): CatalogEntity[] {
  const annotations = metadata.annotations ?? {};
  const owner = ownerOf(spec?.owner ?? "", mails);
  const id = annotations[OBJECT_ID];
  const selector = annotations[SELECTOR] ?? (id === undefined ? "" : `${OBJECT_ID}=${id}`);
  const namespace = annotations[NAMESPACE] ?? null;
  const matches = parseLabelSelector(selector);
  if (owner === null || (namespace === null && matches === null)) return [];
  const reference = `${kind.toLowerCase()}:${metadata.namespace ?? "default"}/${metadata.name}`;
  return [{ reference, owner, namespace, cluster: annotations[CLUSTER] ?? null, matches }];
}

/** A user's reference stands for the mail that the catalog has of that user. */
function ownerOf(text: string, mails: ReadonlyMap<string, string>): NamedOwner | null {
  const user = /^user:(?:[^/]+\/)?(.+)$/i.exec(text.trim())?.[1];
  return readOwnerText((user === undefined ? undefined : mails.get(user.toLowerCase())) ?? text);
}

async function readFileEntities(path: string): Promise<unknown[]> {
  const file = resolve(path);
  const text = await readFile(file, "utf8").catch((thrown: unknown) => {
    throw new AppError("invalid_config", `The catalog file ${file} cannot be read.`, {
      place: { file },
      cause: thrown,
    });
  });
  const documents = parseAllDocuments(text);
  if (!Array.isArray(documents)) return [];
  for (const document of documents) {
    const [error] = document.errors;
    if (error)
      throw new AppError("bad_data", `${file} is no YAML: ${error.message}`, {
        place: { file, ...(error.linePos ? { line: error.linePos[0].line } : {}) },
      });
  }
  return documents.map((document) => document.toJS() as unknown);
}

/** https://backstage.io/docs/features/software-catalog/software-catalog-api/#get-entitiesby-query */
async function askEntities(url: string, token: string | undefined, signal: AbortSignal): Promise<unknown[]> {
  const found: unknown[] = [];
  let cursor: string | null = null;
  for (let pages = 1; pages <= MAX_PAGES; pages += 1) {
    const address = new URL(`${url.replace(/\/+$/, "")}/api/catalog/entities/by-query`);
    address.searchParams.set("limit", String(PAGE_SIZE));
    address.searchParams.set(
      "fields",
      "kind,metadata.name,metadata.namespace,metadata.annotations,spec.owner,spec.profile",
    );
    if (cursor !== null) address.searchParams.set("cursor", cursor);
    const page = entityPage.safeParse(await askJson(address, token, signal));
    if (!page.success) throw new AppError("bad_data", "Backstage answered with something that is no list of entities.");
    found.push(...page.data.items);
    cursor = page.data.pageInfo?.nextCursor ?? null;
    if (cursor === null) return found;
  }
  throw new AppError("limit_reached", `The catalog has more than ${MAX_PAGES * PAGE_SIZE} entities.`);
}

async function askJson(address: URL, token: string | undefined, signal: AbortSignal): Promise<unknown> {
  const headers = new Headers(token === undefined ? [] : [["authorization", `Bearer ${token}`]]);
  const until = AbortSignal.any([signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]);
  const response = await fetch(address, { headers, signal: until }).catch((thrown: unknown) => {
    signal.throwIfAborted();
    throw new AppError("unavailable", "Backstage cannot be reached.", { cause: thrown });
  });
  if (response.status === 401 || response.status === 403)
    throw new AppError("denied", "Backstage does not let the catalog be read.", {
      remedy: "Give catalog.token a token of Backstage's external access.",
    });
  if (!response.ok) throw new AppError("unavailable", `Backstage did not answer (${response.status}).`);
  return response.json();
}
