import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "csv-stringify/sync";
import type { Estate } from "#demo/estate/estate.ts";
import { BUSINESS_UNITS } from "#demo/estate/organisation.ts";
import { leadOf } from "#demo/estate/people.ts";
import { ratesOf } from "#demo/estate/rates.ts";

/** Writes teams.csv and people.csv. A team that moved has one row per stretch. */
export async function writeDirectory(folder: string, estate: Estate): Promise<void> {
  await mkdir(folder, { recursive: true });
  const teams = estate.teams.flatMap((team) =>
    team.stretches.map((stretch) => ({
      team: team.key,
      name: team.name,
      business_unit: stretch.businessUnit,
      business_unit_name: BUSINESS_UNITS.find(({ key }) => key === stretch.businessUnit)?.name ?? "",
      cost_centre: stretch.costCentre,
      lead: leadOf(team.key, estate.people),
      aliases: team.aliases.join(";"),
      valid_from: stretch.from ?? "",
      valid_to: stretch.to ?? "",
    })),
  );
  const people = estate.people.map(({ mail, name, team, manager, role, activeFrom, activeTo }) => ({
    mail,
    name,
    team,
    manager,
    role,
    active_from: activeFrom ?? "",
    active_to: activeTo ?? "",
  }));
  await writeFile(join(folder, "teams.csv"), stringify(teams, { header: true }));
  await writeFile(join(folder, "people.csv"), stringify(people, { header: true }));
}

/** Writes reference rates in the layout of the ECB's history file: newest first, a comma at the end of each line. */
export async function writeRates(path: string, estate: Estate): Promise<void> {
  const decimal = (tenThousandths: number) =>
    `${Math.floor(tenThousandths / 10_000)}.${String(tenThousandths % 10_000).padStart(4, "0")}`;
  const rows = ratesOf(estate)
    .toReversed()
    .map(({ day, USD, GBP, CHF }) => `${day},${decimal(USD)},${decimal(GBP)},${decimal(CHF)},`);
  await writeFile(path, `${["Date,USD,GBP,CHF,", ...rows].join("\n")}\n`);
}
