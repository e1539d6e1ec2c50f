import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { PrismaPg } from "@prisma/adapter-pg";
import { bindMigrationAwareSqlAdapterFactory } from "@prisma/driver-adapter-utils";
import type { MigrationList, SchemaFilter, SchemasContainer } from "@prisma/schema-engine-wasm/schema_engine_bg";
import * as glue from "@prisma/schema-engine-wasm/schema_engine_bg";
import { connectionSettings } from "#lib/db/client.ts";

export const NO_FILTERS: SchemaFilter = { externalTables: [], externalEnums: [] };

/**
 * Prisma's schema engine as WebAssembly, connected to the database of `url`. The native engine would be a download
 * that closed networks refuse. Call `free()` when done.
 */
export async function openSchemaEngine(url: string, schema: SchemasContainer): Promise<glue.SchemaEngine> {
  await instantiate();
  const adapter = bindMigrationAwareSqlAdapterFactory(new PrismaPg({ ...connectionSettings(url), max: 1 }));
  return glue.SchemaEngine.new({ datamodels: schema.files.map((file) => [file.path, file.content]) }, () => undefined, adapter);
}

export type { MigrationList, SchemasContainer };

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
  const { exports } = await WebAssembly.instantiate(module, { "./schema_engine_bg.js": { ...glue } });
  glue.__wbg_set_wasm(exports);
  const start = exports["__wbindgen_start"];
  if (typeof start === "function") start();
}
