import fc from "fast-check";
import { CLAIM_ORIGINS, type Claim, type ClaimOrigin } from "#lib/domain/ownership/claim.ts";
import type { DirectoryView } from "#lib/domain/ownership/directory-view.ts";

export const NOW = "2026-06-01T00:00:00.000Z";

function team(key: string, name: string, aliases: string[] = []): DirectoryView["teams"][number] {
  return { key, name, aliases, businessUnitKey: "unit" };
}

function person(
  mail: string,
  teamKey: string,
  managerMail: string,
  activeFrom: string | null,
  activeTo: string | null,
) {
  return { mail, teamKey, managerMail, activeFrom, activeTo };
}

export const DIRECTORY: DirectoryView = {
  teams: [
    team("claims", "Claims Handling", ["clm"]),
    team("motor", "Motor", ["shared-alias"]),
    team("life", "Life", ["shared-alias"]),
    team("motor-pricing", "Motor Pricing"),
  ],
  people: [
    person("alice@example.com", "claims", "carol@example.com", null, null),
    person("bob@example.com", "motor", "alice@example.com", null, "2026-02-01"),
    person("carol@example.com", "life", "", null, null),
    person("dave@example.com", "claims", "carol@example.com", null, "2026-01-01"),
    person("dave@example.com", "motor", "carol@example.com", "2026-01-01", null),
    person("erin@example.com", "motor", "frank@example.com", null, "2026-03-01"),
    person("frank@example.com", "motor", "erin@example.com", null, "2026-04-01"),
    person("gina@example.com", "motor", "bob@example.com", null, "2026-05-01"),
    person("hal@example.com", "", "", null, null),
  ],
  repositories: {
    "https://git.example.com/claims": "Claims Handling",
    "git.example.com/claims/legacy.git": "dave@example.com",
  },
};

export const NO_DIRECTORY: DirectoryView = { teams: [], people: [] };

export function claim(
  origin: ClaimOrigin,
  value: string,
  more: Partial<Claim> & { kind?: Claim["names"]["kind"] } = {},
): Claim {
  const { kind = value.includes("@") ? "mail" : "team", ...rest } = more;
  return { origin, names: { kind, value }, detail: "", readAt: NOW, from: null, to: null, ...rest };
}

const instantArbitrary = fc.constantFrom(
  "2025-06-01T00:00:00Z",
  "2026-01-15T00:00:00Z",
  "2026-05-20T00:00:00Z",
  NOW,
  "2026-07-01T00:00:00Z",
);

export const claimArbitrary: fc.Arbitrary<Claim> = fc
  .record({
    origin: fc.constantFrom(...(Object.keys(CLAIM_ORIGINS) as ClaimOrigin[])),
    value: fc.constantFrom(
      "claims",
      "Motor",
      "clm",
      "shared-alias",
      "nobody",
      "",
      "alice@example.com",
      "dave@example.com",
      "bob@example.com",
      "claims-api-prod",
    ),
    detail: fc.constantFrom("", "team", "owner"),
    readAt: instantArbitrary,
    from: fc.option(instantArbitrary, { nil: null }),
    to: fc.option(instantArbitrary, { nil: null }),
    inherited: fc.boolean(),
  })
  .map(({ origin, value, ...more }) => claim(origin, value, more));
