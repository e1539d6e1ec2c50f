import { loadConfig } from "#lib/config.ts";
import { recordActivity } from "#lib/db/activity.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { rankSources } from "#lib/services/sources/rank-sources.ts";
import { DATASET_OF_KIND } from "#lib/services/sources/load-source.ts";

/** Settings that are secrets or half of one; they stay in the configuration and never reach the database. */
const SECRET_SETTINGS = ["accessKeyId", "secretAccessKey", "sessionToken", "token", "tokenSha256", "password"];

/** Mirrors the configured sources into the database: new ones appear, changed ones follow, absent ones are marked removed and keep their figures. */
export async function syncSources(context: ServiceContext): Promise<void> {
  await authorise(context, "sources:pull", "sources");
  const config = loadConfig();
  const { sources } = config;
  await context.database.transact(async ({ sql }) => {
    for (const [key, spec] of Object.entries(sources)) {
      const { kind, title, expectedFrom, ...rest } = { expectedFrom: undefined, ...spec };
      const settings = withoutSecrets(rest);
      const { rows } = await sql.query<{ is_new: boolean }>(
        `INSERT INTO source (key, kind, title, dataset, settings, expected_from) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (key) DO UPDATE SET kind = excluded.kind, title = excluded.title, dataset = excluded.dataset,
           settings = excluded.settings, expected_from = excluded.expected_from, removed_at = NULL
         RETURNING xmax = 0 AS is_new`,
        [key, kind, title ?? key, DATASET_OF_KIND[kind], JSON.stringify(settings), expectedFrom ?? null],
      );
      if (rows[0]?.is_new)
        await recordActivity(sql, {
          at: context.now,
          actor: context.actor,
          action: "source.added",
          subject: key,
          after: { kind, settings },
        });
    }
    const removed = await sql.query<{ key: string }>(
      "UPDATE source SET removed_at = $2 WHERE removed_at IS NULL AND kind <> 'import' AND NOT key = ANY($1) RETURNING key",
      [Object.keys(sources), context.now],
    );
    for (const { key } of removed.rows)
      await recordActivity(sql, { at: context.now, actor: context.actor, action: "source.removed", subject: key });
    await rankSources(sql, context, config);
  });
}

/** The settings without secrets, however deep they stand. */
function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, inner]) =>
      SECRET_SETTINGS.includes(name) ? [] : [[name, withoutSecrets(inner)]],
    ),
  );
}
