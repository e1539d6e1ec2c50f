import { z } from "zod";
import type { SqlExecutor } from "#lib/db/activity.ts";
import { readFrontier } from "#lib/db/trail/merkle-tiles.ts";
import { changePersonTexts, hasHold, type TableRows } from "#lib/db/trail/person-texts.ts";
import { authorise, type ServiceContext } from "#lib/services/context.ts";
import { checkedInput } from "#lib/services/namespaces/named-namespaces.ts";
import {
  findPerson,
  MOST_WINDOWS,
  PERSON_DRAFT,
  readPerson,
  WINDOW_ENTRIES,
  type Person,
} from "#lib/services/trail/people/find-person.ts";
import { pseudonymOf } from "#lib/services/trail/people/pseudonym-of.ts";
import type { PseudonymPreview } from "#lib/services/trail/people/pseudonym-view.ts";

const draftSchema = z.strictObject(PERSON_DRAFT);
const MOST_OTHER_NAMES = 20;

/** How many events name a person, and where. Goes through the log itself, 200,000 entries a call: records are not in any index. */
export async function previewPseudonym(context: ServiceContext, draft: unknown): Promise<PseudonymPreview> {
  await authorise(context, "people:pseudonymise", "personal data of the trail");
  const { person: mail, names, fromEntry } = checkedInput(draftSchema, draft);
  const { pool } = context.database;
  const person = await readPerson(pool, mail, names);
  const { size } = await readFrontier(pool);
  const end = Math.min(size, fromEntry + MOST_WINDOWS * WINDOW_ENTRIES);
  const sources = new Map<string, { sourceKey: string; own: number; named: number }>();
  const otherNames = new Set<string>();
  const counts = { held: 0, kept: 0 };
  const staying = { namespace: 0, eventKey: 0 };
  for (let from = fromEntry; from < end; from += WINDOW_ENTRIES) {
    const window = { from, to: Math.min(end, from + WINDOW_ENTRIES), now: context.now };
    const part = await findPerson(pool, person, window);
    staying.namespace += part.staying.namespace;
    staying.eventKey += part.staying.eventKey;
    for (const { event, isOwn, isProof } of part.found) {
      const { sourceKey, actor } = event;
      const source = sources.get(sourceKey) ?? { sourceKey, own: 0, named: 0 };
      sources.set(sourceKey, source);
      source[isOwn ? "own" : "named"]++;
      if (isProof) counts.kept++;
      else if (event.held) counts.held++;
      if (isOwn && !person.called.isIn(actor) && otherNames.size < MOST_OTHER_NAMES) otherNames.add(actor);
    }
  }
  const isDone = end >= size;
  return {
    person: mail,
    names: person.names,
    pseudonym: pseudonymOf(mail),
    isHeld: await hasHold(pool, context.now, person.mail),
    sources: [...sources.values()].toSorted((a, b) => a.sourceKey.localeCompare(b.sourceKey)),
    ...counts,
    staying,
    otherNames: [...otherNames],
    tables: isDone ? await readTexts(pool, person, context.now) : [],
    entries: Math.max(0, end - fromEntry),
    of: size,
    next: isDone ? null : end,
  };
}

function readTexts(sql: SqlExecutor, { mail, names: parts, called }: Person, now: Date): Promise<TableRows[]> {
  return changePersonTexts(sql, { parts, isIn: called.isIn, replace: null, now, pseudonym: pseudonymOf(mail) });
}
