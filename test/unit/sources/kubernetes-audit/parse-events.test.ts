import { describe, expect, test } from "vitest";
import { storableEvent } from "#lib/domain/trail/storable-event.ts";
import { parseEventList } from "#lib/sources/kubernetes-audit/parse-events.ts";
import { auditEventText } from "#test/unit/sources/kubernetes-audit/audit-event-text.ts";

const ORIGIN = { sourceKey: "audit", clusterKey: "one" };
const NOW = new Date("2026-03-02T00:00:00Z");
const listOf = (...items: string[]) =>
  `{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[${items.join(",")}]}`;

describe("an EventList of the webhook", () => {
  test("is read event by event, each record as it was sent", () => {
    const odd = auditEventText().replace("{", '{"requestObject":{"n":12345678901234567890},');
    const events = parseEventList(ORIGIN, listOf(odd, auditEventText({ stage: "RequestReceived" })), NOW);
    expect(events.map(({ eventKey }) => eventKey)).toEqual(["b9ea90a0/ResponseComplete", "b9ea90a0/RequestReceived"]);
    expect(new TextDecoder().decode(events[0]?.body)).toBe(odd);
  });

  test.each([
    ["no list of events", '{"kind":"EventList","apiVersion":"audit.k8s.io/v1beta1","items":[]}', null],
    ["a list that was cut off", listOf(auditEventText()).slice(0, -5), null],
    [
      "an event without an id",
      listOf(auditEventText(), auditEventText({ auditID: "" })),
      { row: 2, column: "auditID" },
    ],
    ["an item that is not JSON", listOf("{]}"), { row: 1, column: "" }],
    [
      "an event of tomorrow's tomorrow",
      listOf(auditEventText({ requestReceivedTimestamp: "2026-03-04T00:00:00Z" })),
      { row: 1, column: "requestReceivedTimestamp" },
    ],
    [
      "an event from before there were any",
      listOf(auditEventText({ requestReceivedTimestamp: "0001-01-01T00:00:00Z" })),
      { row: 1, column: "requestReceivedTimestamp" },
    ],
  ])("with %s is refused", (_what, text, place) => {
    expect(() => parseEventList(ORIGIN, text, NOW)).toThrow(
      expect.objectContaining({
        code: "bad_data",
        place,
      }),
    );
  });

  test("has names that a database can keep, whatever somebody called himself", () => {
    const [event] = parseEventList(ORIGIN, listOf(auditEventText({ user: { username: "a\0\ud800b" } })), NOW);
    expect(event && storableEvent(event).actor).toBe("a\uFFFD\uFFFDb");
    const [plain] = parseEventList(ORIGIN, listOf(auditEventText()), NOW);
    expect(plain && storableEvent(plain)).toBe(plain);
  });
});
