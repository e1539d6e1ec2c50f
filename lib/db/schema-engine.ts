import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { PrismaPg } from "@prisma/adapter-pg";
import {
  bindMigrationAwareSqlAdapterFactory,
  ColumnTypeEnum,
  DriverAdapterError,
  type SqlDriverAdapter,
  type SqlMigrationAwareDriverAdapterFactory,
} from "@prisma/driver-adapter-utils";
import type { MigrationList, SchemaFilter, SchemasContainer } from "@prisma/schema-engine-wasm/schema_engine_bg";
import * as glue from "@prisma/schema-engine-wasm/schema_engine_bg";
import pg from "pg";
import { connectionSettings } from "#lib/db/client.ts";

export const NO_FILTERS: SchemaFilter = { externalTables: [], externalEnums: [] };

/**
 * Gives `work` Prisma's schema engine as WebAssembly, connected to the database of `url`. The native engine would be a
 * download that closed networks refuse.
 */
export async function withSchemaEngine<T>(
  url: string,
  schema: SchemasContainer,
  work: (engine: glue.SchemaEngine) => Promise<T>,
): Promise<T> {
  await instantiate();
  const pool = new pg.Pool({ ...connectionSettings(url), max: 1 });
  pool.on("error", () => undefined);
  try {
    const adapter = bindMigrationAwareSqlAdapterFactory(catalogueAdapterFactory(pool));
    const datamodels = schema.files.map((file): [string, string] => [file.path, file.content]);
    const engine = await glue.SchemaEngine.new({ datamodels }, () => undefined, adapter);
    try {
      return await work(engine);
    } finally {
      engine.free();
    }
  } finally {
    await pool.end();
  }
}

export type { MigrationList, SchemasContainer };

const { BPCHAR, CHAR } = pg.types.builtins;

// PostgreSQL's catalogues have columns of the one-byte type "char". The engine wants them as characters, and Prisma's
// adapter refuses the type, so they pass through it as text and get their type back behind it.
function catalogueAdapterFactory(pool: pg.Pool): SqlMigrationAwareDriverAdapterFactory {
  const charColumns = new WeakMap<object, number[]>();
  const queryPool = pool.query.bind(pool);
  Reflect.set(pool, "query", async (...input: unknown[]) => {
    const result: unknown = await Reflect.apply(queryPool, pool, input);
    if (result instanceof pg.Result) charColumns.set(result.rows, renameCharColumns(result.fields));
    return result;
  });
  const connect = async (): Promise<SqlDriverAdapter> => {
    const adapter = await new PrismaPg(pool).connect();
    const queryRaw = adapter.queryRaw.bind(adapter);
    adapter.queryRaw = async (query) => {
      const result = await queryRaw(query);
      const columnTypes = [...result.columnTypes];
      for (const column of charColumns.get(result.rows) ?? []) columnTypes[column] = ColumnTypeEnum.Character;
      return { ...result, columnTypes };
    };
    adapter.executeScript = (script) => runWhole(queryPool, script);
    return adapter;
  };
  return { provider: "postgres", adapterName: "@prisma/adapter-pg", connect, connectToShadowDb: connect };
}

// The adapter's own cuts a script at every semicolon, those inside a function's body included. Sent whole, PostgreSQL
// runs it in one transaction besides: a migration that fails leaves nothing behind.
async function runWhole(query: (text: string) => Promise<unknown>, script: string): Promise<void> {
  try {
    await query(script);
  } catch (thrown) {
    if (!(thrown instanceof pg.DatabaseError)) throw thrown;
    const { code, severity, message, detail, column, hint } = thrown;
    throw new DriverAdapterError({
      kind: "postgres",
      code: code ?? "N/A",
      severity: severity ?? "ERROR",
      message,
      detail,
      column,
      hint,
    });
  }
}

function renameCharColumns(fields: pg.FieldDef[]): number[] {
  const found: number[] = [];
  for (const [column, field] of fields.entries()) {
    if (field.dataTypeID !== CHAR) continue;
    field.dataTypeID = BPCHAR;
    found.push(column);
  }
  return found;
}

let instance: Promise<void> | null = null;

function instantiate(): Promise<void> {
  instance ??= load();
  return instance;
}

// The package's own entry imports the .wasm as a module, which Node does behind a flag only; its glue can be given an
// instance that was made by hand.
async function load(): Promise<void> {
  const wasmFile = createRequire(import.meta.url)
    .resolve("@prisma/schema-engine-wasm")
    .replace(/schema_engine\.js$/, "schema_engine_bg.wasm");
  const module = await WebAssembly.compile(await readFile(wasmFile));
  const { exports } = await WebAssembly.instantiate(module, { "./schema_engine_bg.js": withoutWaiting({ ...glue }) });
  glue.__wbg_set_wasm(exports);
  const start = exports["__wbindgen_start"];
  if (typeof start === "function") Reflect.apply(start, undefined, []);
}

// The engine sets a limit of ten seconds to its lock and forgets it when it has the lock: a command that migrated would wait
// for it before it ends. Node waits for no timer that is "unref"; otherwise this is what the glue does.
function withoutWaiting(imports: WebAssembly.ModuleImports): WebAssembly.ModuleImports {
  const setUnwaited = (run: () => void, delayMs: number) => setTimeout(run, delayMs).unref();
  const names = Object.keys(imports).filter((name) => name.startsWith("__wbg_setTimeout_"));
  return { ...imports, ...Object.fromEntries(names.map((name) => [name, setUnwaited])) };
}
