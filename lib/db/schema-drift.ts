import { readSchema } from "#lib/db/migrate.ts";
import { NO_FILTERS, withSchemaEngine } from "#lib/db/schema-engine.ts";

/**
 * The SQL that would lead from the database of `url` to prisma/schema.prisma, or null where they already agree.
 * Over a database to which all migrations were applied, it is what a new migration has to contain.
 */
export async function findSchemaDrift(url: string): Promise<string | null> {
  const schema = await readSchema();
  return withSchemaEngine(url, schema, async (engine) => {
    const difference = await engine.diff({
      from: { tag: "schemaDatasource", ...schema, configDir: "." },
      to: { tag: "schemaDatamodel", ...schema },
      script: true,
      exitCode: true,
      filters: NO_FILTERS,
    });
    return difference.exitCode === 0 ? null : difference.stdout;
  });
}
