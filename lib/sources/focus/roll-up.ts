import { KEY_COLUMNS } from "#lib/domain/key-columns.ts";
import { COST_BASES } from "#lib/domain/money.ts";
import { globToLike, LIKE_ESCAPE } from "#lib/domain/glob.ts";
import type { Projection } from "#lib/sources/cost-reading.ts";
import { keyHashSql } from "#lib/sources/cost-reading-tables.ts";
import { literal, type ScanEngine } from "#lib/sources/focus/duckdb.ts";
import { inPeriod, type ScanGroup } from "#lib/sources/focus/scan-groups.ts";

/** First and last day of a billing period and its half-open range, as SQL wants them. */
export type PeriodDays = { from: string; to: string; lastDay: string };

/** Bits of a BIGINT that are used as flags, one a resource pattern. */
const FLAGS_PER_COLUMN = 62;

const RAW_TEXTS = KEY_COLUMNS.slice(0, 8) as readonly Exclude<
  (typeof KEY_COLUMNS)[number],
  "environment" | "tags" | "resource_patterns"
>[];

/** Names of the columns that tell raw groups apart: the texts as the files have them, the tags as text, flags of resource patterns. */
export function rawKeyColumns(projection: Projection): string[] {
  return [...RAW_TEXTS, "raw_tags", ...flagColumns(projection).map(({ name }) => name)];
}

function flagColumns({ resourcePatterns }: Projection): { name: string; patterns: string[] }[] {
  const patterns = resourcePatterns.toSorted();
  const columns = [];
  for (let from = 0; from < patterns.length; from += FLAGS_PER_COLUMN)
    columns.push({ name: `flags_${from / FLAGS_PER_COLUMN}`, patterns: patterns.slice(from, from + FLAGS_PER_COLUMN) });
  return columns;
}

/** The raw key of a line item and its day, as a select list over `group.from`. */
export function rawKeySelect(group: ScanGroup, period: PeriodDays, projection: Projection): string {
  const { text, tags, start } = group.fields;
  const flags = flagColumns(projection).map(({ name, patterns }) => {
    const bits = patterns.map(
      (pattern, bit) =>
        `CASE WHEN ${text.resource_id} ILIKE ${literal(globToLike(pattern))} ESCAPE ${literal(LIKE_ESCAPE)} THEN ${2n ** BigInt(bit)} ELSE 0 END`,
    );
    return `CAST(${bits.join(" + ")} AS BIGINT) AS ${name}`;
  });
  return [
    ...RAW_TEXTS.map((field) => `${text[field]} AS ${field}`),
    `${projection.tagKeys.length + projection.environmentTags.length === 0 ? "NULL::VARCHAR" : tags} AS raw_tags`,
    ...flags,
    `least(greatest(CAST(${start} AS DATE), DATE ${literal(period.from)}), DATE ${literal(period.lastDay)}) AS day`,
  ].join(",\n");
}

/**
 * Rolls the groups' line items of one period up into the tables `charge`, `charge_key` and `account`.
 *
 * The many rows are grouped by their columns as they are, without touching a value; only the few groups that come out are
 * normalised (trimmed, tags read) and grouped again.
 */
export async function rollUp(
  engine: ScanEngine,
  groups: readonly ScanGroup[],
  period: PeriodDays,
  projection: Projection,
): Promise<void> {
  const keyColumns = rawKeyColumns(projection);
  const isMixed = groups.length > 1;
  const relations = groups.map((group) => {
    const costs = COST_BASES.map((basis) => {
      const amount = group.fields.cost[basis];
      return `${isMixed ? `CAST(${amount} AS DECIMAL(38,12))` : amount} AS ${basis}`;
    });
    return `SELECT ${rawKeySelect(group, period, projection)}, ${costs.join(", ")} FROM ${group.from} WHERE ${inPeriod(group, period)}`;
  });
  await engine.run(
    "Adding up line items",
    `CREATE TEMP TABLE raw_charge AS
     SELECT *, hash(${keyColumns.join(", ")}) AS raw_hash FROM (
       SELECT ${keyColumns.join(", ")}, day, ${COST_BASES.map((basis) => `CAST(coalesce(sum(${basis}), 0) AS DECIMAL(38,12)) AS ${basis}`).join(", ")},
         CAST(count(*) AS INTEGER) AS line_items
       FROM (${relations.join("\nUNION ALL\n")}) GROUP BY ${keyColumns.join(", ")}, day)`,
  );
  await engine.run(
    "Reading keys",
    `CREATE TEMP TABLE raw_key AS SELECT CAST(row_number() OVER () AS INTEGER) AS raw_no, *
     FROM (SELECT DISTINCT raw_hash, ${keyColumns.join(", ")} FROM raw_charge)`,
  );
  // Joining on one number is several times faster than on every text; should two keys ever share it, their texts decide.
  const [hashes] = await engine.rows(
    "Reading keys",
    "SELECT count(*) = count(DISTINCT raw_hash) AS is_unique FROM raw_key",
  );
  const isSameKey = hashes?.["is_unique"] === true ? "c.raw_hash = r.raw_hash" : sameRawKey("c", "r", projection);
  await normaliseKeys(engine, projection);
  await engine.run("Reading keys", chargeKeySql());
  await engine.run(
    "Adding up by key",
    `CREATE TABLE charge AS
     SELECT k.key_no, c.day, ${COST_BASES.map((basis) => `CAST(sum(c.${basis}) AS DECIMAL(38,12)) AS ${basis}`).join(", ")},
       CAST(sum(c.line_items) AS INTEGER) AS line_items
     FROM raw_charge c JOIN raw_key r ON ${isSameKey} JOIN key_of_raw k ON k.raw_no = r.raw_no
     GROUP BY k.key_no, c.day`,
  );
  await engine.run("Reading accounts", accountSql(groups, period));
}

/** The join of two relations on their raw keys, in which null equals null. */
export function sameRawKey(left: string, right: string, projection: Projection): string {
  return rawKeyColumns(projection)
    .map((name) => `${left}.${name} IS NOT DISTINCT FROM ${right}.${name}`)
    .join(" AND ");
}

/**
 * From the table `raw_key(raw_no, <raw key columns>)` makes `normal_key(raw_no, <KEY_COLUMNS>)` and `raw_tag(raw_tags, is_json)`.
 * The roll-up and the search for the line items behind it both go through here, so that they agree on every row.
 */
export async function normaliseKeys(engine: ScanEngine, projection: Projection): Promise<void> {
  await engine.run("Reading tags", tagSql(projection));
  const texts = RAW_TEXTS.map((field) => `${cleanText(`r.${field}`)} AS ${field}`);
  const patterns = flagColumns(projection).flatMap(({ name, patterns: ofColumn }) =>
    ofColumn.map(
      (pattern, bit) =>
        `CASE WHEN (r.${name} & ${2n ** BigInt(bit)}) <> 0 THEN ${literal(JSON.stringify(pattern))} END`,
    ),
  );
  const patternList =
    patterns.length === 0
      ? "'[]'"
      : `'[' || coalesce(array_to_string(list_filter([${patterns.join(", ")}], lambda x: x IS NOT NULL), ','), '') || ']'`;
  await engine.run(
    "Reading keys",
    `CREATE TEMP TABLE normal_key AS
     SELECT r.raw_no, ${texts.join(", ")}, coalesce(t.environment, '') AS environment, coalesce(t.tags, '{}') AS tags, ${patternList} AS resource_patterns
     FROM raw_key r LEFT JOIN tag_set t ON t.raw_tags = r.raw_tags`,
  );
}

/** Trimmed; '' for nothing and for the literal NULL that some exports write. */
export function cleanText(sql: string): string {
  return `CASE WHEN ${sql} IS NULL OR ${sql} = 'NULL' THEN '' ELSE trim(${sql}, ' ' || chr(9) || chr(10) || chr(13)) END`;
}

function tagSql(projection: Projection): string {
  const blanks = "' ' || chr(9) || chr(10) || chr(13)";
  const list = (keys: readonly string[]): string => `[${keys.map(literal).join(", ")}]::VARCHAR[]`;
  const wanted = [...new Set([...projection.tagKeys, ...projection.environmentTags])];
  return `
    CREATE TEMP TABLE raw_tag AS
      SELECT raw_tags, raw_tags IN ('', 'NULL') OR coalesce(CASE WHEN json_valid(raw_tags) THEN json_type(raw_tags) END IN ('OBJECT', 'ARRAY', 'NULL'), false) AS is_json
      FROM (SELECT DISTINCT raw_tags FROM raw_key WHERE raw_tags IS NOT NULL);
    -- Where two keys become the same, the first one that has a value wins.
    CREATE TEMP TABLE tag_entry AS
      SELECT raw_tags, lower(trim(key, ${blanks})) AS key, arg_min(trim(value, ${blanks}), place) AS value
      FROM (
        SELECT t.raw_tags, e.id AS place,
          CASE WHEN json_type(t.raw_tags) = 'ARRAY' THEN coalesce(e.value ->> '$.key', e.value ->> '$.Key') ELSE e.key END AS key,
          CASE WHEN json_type(t.raw_tags) = 'ARRAY' THEN coalesce(e.value ->> '$.value', e.value ->> '$.Value') ELSE e.value ->> '$' END AS value
        FROM (SELECT raw_tags FROM raw_tag WHERE is_json AND raw_tags NOT IN ('', 'NULL')) t, json_each(t.raw_tags) e
      )
      WHERE trim(value, ${blanks}) <> '' AND list_contains(${list(wanted)}, lower(trim(key, ${blanks})))
      GROUP BY ALL;
    CREATE TEMP TABLE tag_set AS
      SELECT raw_tags,
        '{' || coalesce(string_agg(to_json(key)::VARCHAR || ':' || to_json(value)::VARCHAR, ',' ORDER BY key)
          FILTER (WHERE list_contains(${list(projection.tagKeys)}, key)), '') || '}' AS tags,
        arg_min(value, list_position(${list(projection.environmentTags)}, key))
          FILTER (WHERE list_contains(${list(projection.environmentTags)}, key)) AS environment
      FROM tag_entry GROUP BY raw_tags;`;
}

function chargeKeySql(): string {
  const columns = KEY_COLUMNS.join(", ");
  return `
    CREATE TABLE charge_key AS
      SELECT CAST(row_number() OVER () AS INTEGER) AS key_no, ${keyHashSql()} AS hash, ${columns}
      FROM (SELECT DISTINCT ${columns} FROM normal_key);
    CREATE TEMP TABLE key_of_raw AS
      SELECT n.raw_no, k.key_no FROM normal_key n
      JOIN charge_key k ON ${KEY_COLUMNS.map((name) => `n.${name} = k.${name}`).join(" AND ")};`;
}

/** Names as last delivered; an account that is its own billing account is listed once, as a billing account. */
function accountSql(groups: readonly ScanGroup[], period: PeriodDays): string {
  const named = groups.map(({ fields, ...group }) => {
    const { text } = fields;
    return `SELECT ${text.provider} AS provider, ${text.billing_account_id} AS billing_id, ${text.billing_account_name} AS billing_name,
      ${text.sub_account_id} AS sub_id, ${text.sub_account_name} AS sub_name, max(${fields.start}) AS newest
      FROM ${group.from} WHERE ${inPeriod({ fields, ...group }, period)} GROUP BY ALL`;
  });
  const clean = ["provider", "billing_id", "billing_name", "sub_id", "sub_name"].map(
    (name) => `${cleanText(name)} AS ${name}`,
  );
  return `
    CREATE TABLE account AS
    WITH named AS (SELECT ${clean.join(", ")}, newest FROM (${named.join("\nUNION ALL\n")})), listed AS (
      SELECT provider, billing_id AS account_id, billing_name AS name, '' AS above, newest, 0 AS rank FROM named
      UNION ALL
      SELECT provider, sub_id, sub_name, CASE WHEN sub_id = billing_id THEN '' ELSE billing_id END, newest, 1 FROM named
    )
    SELECT provider, account_id,
      coalesce(arg_max(name, (newest, name)) FILTER (WHERE name <> ''), account_id) AS name,
      arg_min(above, (rank, above)) AS billing_account_id
    FROM listed WHERE account_id <> '' GROUP BY provider, account_id`;
}
