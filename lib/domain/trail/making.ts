import { storableText } from "#lib/domain/trail/storable-event.ts";
import type { TrailEvent } from "#lib/domain/trail/trail-event.ts";

/** That somebody made something that has an owner, as one event tells it. */
export type Making = {
  sourceKey: string;
  eventKey: string;
  /** AWS makes accounts later than they are asked for: who asked stands in one event, which account it became in another. */
  kind: "namespace" | "account" | "account-request" | "account-result";
  /** "" for what is in no cluster. */
  clusterKey: string;
  /** Of the namespace; the account's id; "" for a request. */
  name: string;
  /** The namespace's uid where the trail has answers; the id of the request for an account. */
  uid: string | null;
  at: Date;
  actor: string;
  person: string | null;
  /** Who acted for the actor: the user that a proxy is. */
  through: string | null;
};

type Json = { readonly [name: string]: unknown };

/** What Kubernetes allows of any object; a namespace's has 63, an account's 12. */
const MOST_NAME_CHARACTERS = 253;
const NAMESPACE_MADE = "create namespaces";
const ACCOUNT_ASKED = "organizations.amazonaws.com:CreateAccount";
const ACCOUNT_MADE = "organizations.amazonaws.com:CreateAccountResult";
const ACCOUNT_MANAGED = "controltower.amazonaws.com:CreateManagedAccount";
const MAKING_ACTIONS: ReadonlySet<string> = new Set([NAMESPACE_MADE, ACCOUNT_ASKED, ACCOUNT_MADE, ACCOUNT_MANAGED]);

/** Whether an event may tell that something was made. */
export function mayMake({ action, outcome }: Pick<TrailEvent, "action" | "outcome">): boolean {
  return outcome === "success" && MAKING_ACTIONS.has(action);
}

/** What was made, where the event tells of it; null for every other event. Pure. */
export function makingOf(event: TrailEvent): Making | null {
  if (!mayMake(event)) return null;
  const { sourceKey, eventKey, actor, person, occurredAt: at } = event;
  const base = { sourceKey, eventKey, actor, person, at, clusterKey: "", through: null };
  switch (event.action) {
    case NAMESPACE_MADE:
      return event.clusterKey === null ? null : namespaceMaking(event, { ...base, clusterKey: event.clusterKey });
    case ACCOUNT_ASKED: {
      const request = text(within(recordOf(event), "responseElements", "createAccountStatus")["id"]);
      return request === null ? null : { ...base, kind: "account-request", name: "", uid: request };
    }
    case ACCOUNT_MADE: {
      const { id, accountId } = within(recordOf(event), "serviceEventDetails", "createAccountStatus");
      const account = text(accountId);
      return account === null || !isName(account)
        ? null
        : { ...base, kind: "account-result", name: account, uid: text(id) };
    }
    case ACCOUNT_MANAGED: {
      const status = within(recordOf(event), "serviceEventDetails", "createManagedAccountStatus");
      const account = text(within(status, "account")["accountId"]);
      return account === null || !isName(account) ? null : { ...base, kind: "account", name: account, uid: null };
    }
    default:
      return null;
  }
}

function namespaceMaking(event: TrailEvent, base: Omit<Making, "kind" | "name" | "uid">): Making | null {
  const record = recordOf(event);
  // What was only tried out was not made, and is answered like what was.
  if (/[?&]dryRun=[^&]/.test(text(record["requestURI"]) ?? "")) return null;
  const made = within(record, "responseObject", "metadata");
  // Of a generated name the request does not know.
  const name = event.namespace ?? text(made["name"]);
  const proxy = record["impersonatedUser"] ? text(within(record, "user")["username"]) : null;
  return name === null || !isName(name)
    ? null
    : { ...base, kind: "namespace", name, uid: text(made["uid"]), through: proxy };
}

function recordOf({ body }: TrailEvent): Json {
  try {
    const parsed: unknown = JSON.parse(new TextDecoder().decode(body));
    return typeof parsed === "object" && parsed !== null ? (parsed as Json) : {};
  } catch {
    return {};
  }
}

function within(record: Json, ...path: readonly string[]): Json {
  let found: unknown = record;
  for (const name of path) found = typeof found === "object" && found !== null ? (found as Json)[name] : undefined;
  return typeof found === "object" && found !== null ? (found as Json) : {};
}

function text(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? storableText(value) : null;
}

/** Nothing that was made has a longer name, and an index has no room for any length. */
function isName(text: string): boolean {
  return text.length <= MOST_NAME_CHARACTERS;
}

/** True for what a person changed inside of a namespace: its making and its end are no use of it, and neither is what was refused. */
export function isUseByPerson(event: Omit<TrailEvent, "body">): boolean {
  const { person, clusterKey, namespace, verbClass, outcome, resource } = event;
  if (person === null || clusterKey === null || namespace === null || !isName(namespace)) return false;
  return verbClass !== "read" && outcome === "success" && !/^namespaces(\/|$)/.test(resource);
}
