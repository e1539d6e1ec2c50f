import { EXIT } from "#cli/exit-code.ts";
import { withInstance } from "#cli/open-instance.ts";

/** Brings the database to this version's schema. */
export async function migrate(options: { json: boolean }): Promise<number> {
  const applied = await withInstance(({ appliedMigrations }) => Promise.resolve(appliedMigrations));
  if (options.json) process.stdout.write(`${JSON.stringify({ applied })}\n`);
  else
    process.stdout.write(applied.length === 0 ? "The database is up to date.\n" : `Applied ${applied.join(", ")}.\n`);
  return EXIT.ok;
}
