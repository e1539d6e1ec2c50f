import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { judgePeople } from "#lib/services/policies/judge-people.ts";

/** Judges everybody in the directory by what is stored now. */
export async function judgeEverybody(context: ServiceContext): Promise<void> {
  await authorise(context, "sources:pull", "people");
  await context.database.transact(({ sql }) => judgePeople(context, sql, { at: context.now }));
}
