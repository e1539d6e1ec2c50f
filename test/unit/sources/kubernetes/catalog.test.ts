import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readCatalog } from "#lib/sources/kubernetes/catalog.ts";

const signal = new AbortController().signal;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bursar-catalog-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function fileOf(text: string): Promise<string> {
  const file = join(folder, `${crypto.randomUUID()}.yaml`);
  await writeFile(file, text);
  return file;
}

function entity(name: string, annotations: Record<string, string>, owner = "group:default/claims", kind = "Component") {
  return { apiVersion: "backstage.io/v1alpha1", kind, metadata: { name, annotations }, spec: { owner } };
}

test("entities of files say where they run and who owns them; those that do not run anywhere are left out", async () => {
  const file = await fileOf(
    [
      entity("claims-api", {
        "backstage.io/kubernetes-namespace": "claims",
        "backstage.io/kubernetes-cluster": "prod",
      }),
      entity("claims-web", { "backstage.io/kubernetes-label-selector": "app=web,tier in (a, b)" }, "user:alice"),
      entity("quotes", { "backstage.io/kubernetes-id": "quotes" }, "quotes"),
      entity("library", {}),
      { kind: "User", metadata: { name: "alice" }, spec: { profile: { email: "Alice@example.com" } } },
    ]
      .map((one) => JSON.stringify(one))
      .join("\n---\n"),
  );
  const entities = await readCatalog({ files: [file] }, signal);
  expect(entities).toMatchObject([
    {
      reference: "component:default/claims-api",
      owner: { kind: "team", value: "claims" },
      namespace: "claims",
      cluster: "prod",
      matches: null,
    },
    { owner: { kind: "mail", value: "alice@example.com" }, namespace: null, cluster: null },
    { owner: { kind: "team", value: "quotes" }, namespace: null },
  ]);
  expect(entities[1]?.matches?.({ app: "web", tier: "b" })).toBe(true);
  expect(entities[2]?.matches?.({ "backstage.io/kubernetes-id": "quotes" })).toBe(true);
  expect(entities[2]?.matches?.({})).toBe(false);
});

test("a file that is not there and one that is no YAML are named", async () => {
  const missing = join(folder, "missing.yaml");
  await expect(readCatalog({ files: [missing] }, signal)).rejects.toMatchObject({
    code: "invalid_config",
    place: { file: missing },
  });
  const broken = await fileOf("kind: [\n");
  await expect(readCatalog({ files: [broken] }, signal)).rejects.toMatchObject({
    code: "bad_data",
    place: { file: broken },
  });
});

test("Backstage is asked page by page with its token, and a refusal is one", async () => {
  const asked: URL[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://localhost");
    asked.push(url);
    response.statusCode = request.headers.authorization === "Bearer secret" ? 200 : 401;
    const isSecond = url.searchParams.get("cursor") === "next";
    const name = isSecond ? "second" : "first";
    response.end(
      JSON.stringify({
        items: [entity(name, { "backstage.io/kubernetes-namespace": name })],
        totalItems: 2,
        pageInfo: isSecond ? {} : { nextCursor: "next" },
      }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/backstage/`;
    const entities = await readCatalog({ files: [], url, token: "secret" }, signal);
    expect(entities.map(({ namespace }) => namespace)).toEqual(["first", "second"]);
    expect(asked.map(({ pathname }) => pathname)).toEqual(Array(2).fill("/backstage/api/catalog/entities/by-query"));
    await expect(readCatalog({ files: [], url }, signal)).rejects.toMatchObject({ code: "denied" });
  } finally {
    server.close();
  }
});
