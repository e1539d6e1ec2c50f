import { expect, test } from "vitest";
import { changeTicketOf } from "#lib/domain/trail/change-ticket.ts";
import { eventOf } from "#test/integration/services/trail-workshop.ts";

const at = new Date("2026-03-01T10:00:00Z");
const ticketOf = (record: object, action = "change_request scheduled") =>
  changeTicketOf({
    ...eventOf(1),
    action,
    occurredAt: at,
    body: new TextEncoder().encode(JSON.stringify({ number: "CHG1", ...record })),
  });

test("a change request says who may change something when, in whatever way its values are written", () => {
  const both = (value: string, text: string) => ({ value, display_value: text });
  expect(
    ticketOf({
      assigned_to: both("6f2a", "Ada Example"),
      "assigned_to.email": both("Ada@example.com", "Ada@example.com"),
      start_date: both("2026-03-02 20:00:00", "02.03.2026 21:00:00"),
      end_date: "2026-03-02 22:00:00",
      approval: both("approved", "Approved"),
      state: both("-2", "Scheduled"),
    }),
  ).toEqual({
    sourceKey: "trail",
    number: "CHG1",
    updatedAt: at,
    person: "ada@example.com",
    from: new Date("2026-03-02T20:00:00Z"),
    to: new Date("2026-03-02T22:00:00Z"),
    isApproved: true,
  });
});

test.each([
  ["is requested only", { approval: "requested", state: "-3" }],
  ["was called off", { approval: "approved", state: "4" }],
  ["was called off, in words", { approval: "approved", state: { value: "9", display_value: "Canceled" } }],
])("one that %s covers nothing", (_what, record) => {
  expect(ticketOf(record)?.isApproved).toBe(false);
});

test("one without times or a mail has none, and another event is none", () => {
  expect(ticketOf({ assigned_to: "Ada Example", start_date: "soon" })).toMatchObject({ person: null, from: null });
  expect(ticketOf({}, "delete namespaces")).toBeNull();
  expect(ticketOf({ number: "" })).toBeNull();
});
