import { createServer, type Server } from "node:net";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { createEmptyDatabase, withDatabase } from "#test/integration/db/database.ts";
import { makeFolder, runBursar } from "#test/integration/cli/run-bursar.ts";

let folder: ReturnType<typeof makeFolder>;
beforeAll(() => {
  folder = makeFolder();
});
afterAll(() => folder.remove());

const STACK = /\n\s+at /;

describe("what is wrong around Bursar gets one clear sentence and exit code 2", () => {
  let busy: Server;
  let port: number;
  beforeAll(async () => {
    busy = createServer();
    await new Promise<void>((resolve) => busy.listen(0, "127.0.0.1", resolve));
    const address = busy.address();
    port = typeof address === "object" && address ? address.port : 0;
  });
  afterAll(() => busy.close());

  test("a busy port, before anything is started", async () => {
    const { code, stderr } = await runBursar(["start"], { cwd: folder.path, env: { PORT: String(port) } });
    expect(stderr).toContain(`Port ${port} of 127.0.0.1 is in use by another program.`);
    expect(stderr).not.toMatch(STACK);
    expect(code).toBe(2);
  });

  const unreachable = "postgresql://bursar:pw@127.0.0.1:1/bursar";
  const template = inject("templateUrl");
  test.each([
    ["a server that cannot be reached", unreachable, "No PostgreSQL could be reached at 127.0.0.1:1"],
    ["a database that is not there", withDatabase(template, "nowhere"), 'There is no database "nowhere"'],
    ["a wrong password", template.replace(/:[^:@/]+@/, ":wrong@"), "refused the password"],
    ["not an address", "bursar", "DATABASE_URL is not the address of a PostgreSQL database."],
  ])("%s in DATABASE_URL", async (_what, url, sentence) => {
    const { code, stderr } = await runBursar(["migrate"], { cwd: folder.path, env: { DATABASE_URL: url } });
    expect(stderr).toContain(sentence);
    expect(stderr).not.toMatch(STACK);
    expect(stderr.trim().split("\n").length).toBeLessThanOrEqual(2);
    expect(code).toBe(2);
  });

  test("a database of a newer version", async () => {
    const empty = await createEmptyDatabase();
    const run = () => runBursar(["migrate"], { cwd: folder.path, env: { DATABASE_URL: empty.url } });
    expect((await run()).code).toBe(0);
    const client = new pg.Client(empty.url);
    await client.connect();
    await client.query(
      "INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at) VALUES ('x', 'x', '2099_later', now())",
    );
    await client.end();
    const { code, stderr } = await run();
    expect(stderr).toContain("newer version of Bursar");
    expect(code).toBe(2);
    await empty.drop();
  });

  test("a database without a trail, where a trail is to be verified", async () => {
    const empty = await createEmptyDatabase();
    const env = { DATABASE_URL: empty.url, BURSAR_HOME: folder.path };
    const { code, stdout, stderr } = await runBursar(["verify-trail"], { cwd: folder.path, env });
    await empty.drop();
    const { host, pathname } = new URL(empty.url);
    expect(stderr).toContain(
      `There is no trail here: the database "${pathname.slice(1)}" at ${host} has no entry of one.\nSet BURSAR_HOME to the home that has it (the demo's is .bursar/demo)`,
    );
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  });

  test("a home without a database, where a trail is to be verified; none is made", async () => {
    const home = join(folder.path, "new-home");
    const { code, stderr } = await runBursar(["verify-trail"], { cwd: folder.path, env: { BURSAR_HOME: home } });
    expect(stderr).toContain(`There is no trail here: ${home} has no database.`);
    expect(code).toBe(2);
    expect(readdirSync(home).toSorted()).toEqual(["cache", "scratch"]);
  });

  test("a file that is no key, where a trail is to be verified with it", async () => {
    const file = join(folder.path, "no-key.pem");
    writeFileSync(file, '{"keyid":"1"}');
    const { code, stderr } = await runBursar(["verify-trail", "--key", file], { cwd: folder.path });
    expect(stderr).toBe(
      `${file} is no Ed25519 key.\n--key takes a public key in PEM, or the JSON that GET /api/v1/signing-key answers.\n`,
    );
    expect(code).toBe(2);
  });

  test("a folder that cannot be made", async () => {
    writeFileSync(join(folder.path, "file"), "");
    const home = join(folder.path, "file", "home");
    const { code, stderr } = await runBursar(["runs"], { cwd: folder.path, env: { BURSAR_HOME: home } });
    expect(stderr).toContain(`Bursar cannot write to its folder ${home} (ENOTDIR).`);
    expect(code).toBe(2);
  });

  test("a mistake in bursar.yaml", async () => {
    const file = join(folder.path, "wrong.yaml");
    writeFileSync(file, "organisation: A\nsettleDays: soon\n");
    const { code, stderr } = await runBursar(["check"], { cwd: folder.path, env: { BURSAR_CONFIG: file } });
    expect(stderr).toContain(`${file}, line 2, settleDays`);
    expect(code).toBe(2);
  });

  test("a mistake in a framework of one's own", async () => {
    const file = join(folder.path, "with-framework.yaml");
    writeFileSync(file, "frameworks: [./house-rules.yaml]\n");
    writeFileSync(join(folder.path, "house-rules.yaml"), "id: house-rules\nname: House rules\nversion: 1\n");
    const { code, stderr } = await runBursar(["check"], { cwd: folder.path, env: { BURSAR_CONFIG: file } });
    expect(stderr).toContain(`${join(folder.path, "house-rules.yaml")}, line 3, version`);
    expect(code).toBe(2);
  });

  test("wrong usage", async () => {
    expect((await runBursar(["pull", "x", "--period", "2026-13"], { cwd: folder.path })).code).toBe(2);
    expect((await runBursar(["nothing"], { cwd: folder.path })).code).toBe(2);
    expect((await runBursar(["--help"], { cwd: folder.path })).code).toBe(0);
  });

  test("an error is one JSON document where --json asks for it", async () => {
    const { code, stdout } = await runBursar(["pull", "nothing", "--json"], {
      cwd: folder.path,
      env: { DATABASE_URL: template },
    });
    expect(JSON.parse(stdout)).toMatchObject({
      error: { code: "not_found", message: 'There is no source "nothing".' },
    });
    expect(code).toBe(2);
  });
});
