/** The Audit-ID and the stage of a key, without what else it is made of. */
export function auditIdOf({ eventKey }: { eventKey: string }): string {
  return eventKey.replace(/\/[0-9a-f]{24}(?=\/|$)/, "");
}

/** The text of one audit event, with changes. */
export function auditEventText(changes: Record<string, unknown> = {}): string {
  return JSON.stringify({
    level: "Metadata",
    auditID: "b9ea90a0",
    stage: "ResponseComplete",
    requestURI: "/api/v1/namespaces",
    verb: "create",
    user: { username: "ada@example.com" },
    sourceIPs: ["192.0.2.1"],
    objectRef: { resource: "namespaces", name: "claims" },
    responseStatus: { code: 201 },
    requestReceivedTimestamp: "2026-03-01T10:00:00.123456Z",
    ...changes,
  });
}
