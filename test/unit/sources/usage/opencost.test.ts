import { createServer, type Server } from "node:http";
import { afterEach, expect, test } from "vitest";
import { day } from "#lib/domain/period.ts";
import { readOpenCostDay } from "#lib/sources/usage/opencost.ts";

const DAY = day("2026-11-20");
const GIB = 1_073_741_824;
const signal = new AbortController().signal;
let server: Server | null = null;

afterEach(async () => {
  await new Promise((resolve) => (server === null ? resolve(null) : server.close(resolve)));
});

/** A server of one answer; it notes what it was asked. */
async function serve(status: number, body: unknown): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  server = createServer((request, response) => {
    asked.push(request.url ?? "");
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return { url: `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`, asked };
}

const allocation = (hour: number, minutes: number, change: object = {}) => ({
  properties: { namespace: "shop", node: "node-1" },
  start: `2026-11-20T${String(hour).padStart(2, "0")}:00:00Z`,
  minutes,
  cpuCoreRequestAverage: 2,
  cpuCoreUsageAverage: 1,
  cpuCoreHours: (2 * minutes) / 60,
  ramByteRequestAverage: 4 * GIB,
  ramByteUsageAverage: 3 * GIB,
  ramByteHours: (4 * GIB * minutes) / 60,
  gpuHours: 0,
  networkTransferBytes: 10,
  networkReceiveBytes: 5,
  pvByteHours: 8 * GIB,
  ...change,
});

test("averages over the minutes of an allocation become averages over the hour, and nobody's use is left out", async () => {
  const { url, asked } = await serve(200, {
    code: 200,
    data: [
      { "shop/node-1": allocation(0, 60), __idle__: allocation(0, 60, { properties: {} }) },
      { "shop/node-1": allocation(1, 30) },
      null,
    ],
  });
  const reading = await readOpenCostDay({ url, cluster: "prod", what: "OpenCost" }, DAY, signal);
  expect(reading.observedHours).toEqual([0]);
  expect(
    reading.rows.map(
      ({ hour, namespace, node, cpuRequested, cpuUsed, cpuLarger, memoryUsed, networkBytes, volumeGib }) => ({
        hour,
        namespace,
        node,
        cpuRequested,
        cpuUsed,
        cpuLarger,
        memoryUsed,
        networkBytes,
        volumeGib,
      }),
    ),
  ).toEqual([
    {
      hour: 0,
      namespace: "shop",
      node: "node-1",
      cpuRequested: 2,
      cpuUsed: 1,
      cpuLarger: 2,
      memoryUsed: 3,
      networkBytes: 15,
      volumeGib: 8,
    },
    {
      hour: 1,
      namespace: "shop",
      node: "node-1",
      cpuRequested: 1,
      cpuUsed: 0.5,
      cpuLarger: 1,
      memoryUsed: 1.5,
      networkBytes: 15,
      volumeGib: 8,
    },
  ]);
  expect(asked[0]).toContain("window=2026-11-20T00%3A00%3A00Z%2C2026-11-21T00%3A00%3A00Z&step=1h");
});

test.each([
  [403, {}, "denied"],
  [404, {}, "invalid_config"],
  [400, { message: "bad window" }, "bad_data"],
  [200, { code: 200, data: [{ "a/b": { minutes: "many" } }] }, "bad_data"],
])("an answer of %i is %s", async (status, body, code) => {
  const { url } = await serve(status, body);
  await expect(readOpenCostDay({ url, cluster: "prod", what: "OpenCost" }, DAY, signal)).rejects.toMatchObject({
    code,
  });
});

test("a server that is not there is unavailable", async () => {
  await expect(
    readOpenCostDay({ url: "http://127.0.0.1:1", cluster: "prod", what: "OpenCost" }, DAY, signal),
  ).rejects.toMatchObject({ code: "unavailable" });
});
