import type { PoolClient } from "pg";
import { recordActivity } from "#lib/db/activity.ts";
import type { ServiceContext } from "#lib/services/context.ts";
import { publishDataset } from "#lib/services/directory/publish-dataset.ts";
import { resolveAllNamespaceOwners } from "#lib/services/ownership/resolve-namespace-owners.ts";
import { judgePeople } from "#lib/services/policies/judge-people.ts";
import { requestReallocation } from "#lib/services/rules/request-reallocation.ts";
import type { RunLease } from "#lib/services/runs/run-lease.ts";
import type { LoadedSource } from "#lib/services/sources/load-source.ts";
import type { Directory } from "#lib/sources/directory-file/index.ts";
import type { OfferedSlice } from "#lib/sources/source.ts";

/** Replaces the source's teams and people whole and queues the allocation of every open period, in one transaction. */
export async function publishDirectory(
  context: ServiceContext,
  lease: RunLease,
  source: LoadedSource,
  sliceId: number,
  offered: OfferedSlice,
): Promise<void> {
  const content = await source.readDirectory(offered);
  await context.database.transact(async (transaction) => {
    const { sql } = transaction;
    await replaceTeams(sql, source.key, content);
    await replacePeople(sql, source.key, content);
    await publishDataset(sql, context, lease, {
      source,
      sliceId,
      offered,
      records: content.teams.length + content.people.length,
    });
    await recordActivity(sql, {
      at: context.now,
      actor: context.actor,
      action: "directory.published",
      subject: source.key,
      after: { run: lease.runId, teams: content.teams.length, people: content.people.length },
    });
    await resolveAllNamespaceOwners(sql, context.now);
    await judgePeople(context, sql, { at: lease.logicalTime });
    await requestReallocation(transaction, context);
  });
}

async function replaceTeams(sql: PoolClient, sourceKey: string, { teams }: Directory): Promise<void> {
  await sql.query("DELETE FROM team_membership WHERE source_key = $1", [sourceKey]);
  await sql.query(
    `INSERT INTO team_membership (team_key, team_name, business_unit_key, business_unit_name, cost_centre, lead_mail, aliases, valid_from, valid_to, source_key)
     SELECT team_key, team_name, business_unit_key, business_unit_name, cost_centre, lead_mail,
            ARRAY(SELECT jsonb_array_elements_text(aliases)), valid_from, valid_to, $10
     FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::jsonb[], $8::date[], $9::date[])
       AS t (team_key, team_name, business_unit_key, business_unit_name, cost_centre, lead_mail, aliases, valid_from, valid_to)`,
    [
      teams.map((team) => team.teamKey),
      teams.map((team) => team.teamName),
      teams.map((team) => team.businessUnitKey),
      teams.map((team) => team.businessUnitName),
      teams.map((team) => team.costCentre),
      teams.map((team) => team.leadMail),
      teams.map((team) => JSON.stringify(team.aliases)),
      teams.map((team) => team.validFrom),
      teams.map((team) => team.validTo),
      sourceKey,
    ],
  );
}

async function replacePeople(sql: PoolClient, sourceKey: string, { people }: Directory): Promise<void> {
  await sql.query("DELETE FROM person WHERE source_key = $1", [sourceKey]);
  await sql.query(
    `INSERT INTO person (mail, name, team_key, manager_mail, role, active_from, active_to, source_key)
     SELECT *, $8 FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::date[], $7::date[])`,
    [
      people.map((person) => person.mail),
      people.map((person) => person.name),
      people.map((person) => person.teamKey),
      people.map((person) => person.managerMail),
      people.map((person) => person.role),
      people.map((person) => person.activeFrom),
      people.map((person) => person.activeTo),
      sourceKey,
    ],
  );
}
