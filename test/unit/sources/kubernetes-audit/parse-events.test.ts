import { hash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { storableEvent } from "#lib/domain/trail/storable-event.ts";
import type { TrailEvent } from "#lib/domain/trail/trail-event.ts";
import { parseEventList } from "#lib/sources/kubernetes-audit/parse-events.ts";
import { auditEventText, auditIdOf } from "#test/unit/sources/kubernetes-audit/audit-event-text.ts";

const ORIGIN = { sourceKey: "audit", clusterKey: "one" };
const NOW = new Date("2026-03-02T00:00:00Z");
const listOf = (...items: string[]) =>
  `{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[${items.join(",")}]}`;

const eventsOf = (text: string) => parseEventList(ORIGIN, text, NOW).events;

describe("an EventList of the webhook", () => {
  test("is read event by event, each record as it was sent", () => {
    const odd = auditEventText().replace("{", '{"requestObject":{"n":12345678901234567890},');
    const { events } = parseEventList(ORIGIN, listOf(odd, auditEventText({ stage: "RequestReceived" })), NOW);
    expect(events.map(auditIdOf)).toEqual(["b9ea90a0/ResponseComplete", "b9ea90a0/RequestReceived"]);
    expect(new TextDecoder().decode(events[0]?.body)).toBe(odd);
  });

  test.each([
    ["is none", '{"kind":"EventList","apiVersion":"audit.k8s.io/v1beta1","items":[]}', "invalid_input"],
    ["has an item that is not JSON", listOf("{]}", auditEventText()), "bad_data"],
    ["was cut off", listOf(auditEventText()).slice(0, -5), "bad_data"],
  ])("that %s is refused", (_what, text, code) => {
    expect(() => parseEventList(ORIGIN, text, NOW)).toThrow(expect.objectContaining({ code }));
  });

  test.each([
    ["an event without an id", listOf(auditEventText(), auditEventText({ auditID: "" })), { row: 2, field: "auditID" }],
    ["a number", listOf("7"), { row: 1, field: "" }],
    [
      "an event with an odd user",
      listOf(auditEventText({ user: { username: 7, extra: { "any name": 1 } } })),
      { row: 1, field: "user" },
    ],
    [
      "an event of tomorrow's tomorrow",
      listOf(auditEventText({ requestReceivedTimestamp: "2026-03-04T00:00:00Z" })),
      { row: 1, field: "requestReceivedTimestamp" },
    ],
    [
      "an event from before there were any",
      listOf(auditEventText({ requestReceivedTimestamp: "0001-01-01T00:00:00Z" })),
      { row: 1, field: "requestReceivedTimestamp" },
    ],
  ])("with %s has the others, and says what that is", (_what, text, told) => {
    const good = auditEventText({ auditID: "good" });
    const { events, odd } = parseEventList(ORIGIN, text.replace(/\]\}$/, `,${good}]}`), NOW);
    expect(events.map(auditIdOf)).toContain("good/ResponseComplete");
    expect(odd).toEqual([{ ...told, text: expect.any(String) }]);
    expect(text).toContain(odd[0]?.text);
  });

  test("has names that a database can keep, whatever somebody called himself", () => {
    const storable = (event: TrailEvent) => storableEvent((data) => hash("sha256", data), event);
    const [event] = eventsOf(listOf(auditEventText({ user: { username: "a\0\ud800b" } })));
    expect(event && storable(event).actor).toBe("a\uFFFD\uFFFDb");
    const [plain] = eventsOf(listOf(auditEventText()));
    expect(plain && storable(plain)).toBe(plain);
  });
});
