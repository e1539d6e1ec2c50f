import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CLAIM_ORIGINS, readOwnerText, strengthOf, type Claim, type ClaimOrigin } from "#lib/domain/ownership/claim.ts";
import { resolveOwner, type OwnerResolution } from "#lib/domain/ownership/resolve-owner.ts";
import { claim, claimArbitrary, DIRECTORY, NO_DIRECTORY, NOW } from "./fixtures.ts";

const resolve = (...claims: Claim[]) => resolveOwner(claims, DIRECTORY, NOW);
const brief = ({ teamKey, strength, confidence }: OwnerResolution) => [teamKey, strength, confidence];
const standings = (owner: OwnerResolution) => owner.claims.map(({ origin, standing }) => [origin, standing]);
const ORIGINS = Object.keys(CLAIM_ORIGINS) as ClaimOrigin[];
const CONFIDENCE = { explicit: "high", derived: "medium", weak: "low" } as const;

describe("a single claim", () => {
  test.each(ORIGINS)("%s has the strength of the table", (origin) => {
    const { strength } = CLAIM_ORIGINS[origin];
    expect(brief(resolve(claim(origin, "claims")))).toEqual(["claims", strength, CONFIDENCE[strength]]);
  });

  test.each([
    ["CLAIMS ", "claims"],
    ["claims handling", "claims"],
    ["clm", "claims"],
    ["shared-alias", null],
    ["marine", null],
    ["", null],
  ])("the text %o leads to %o", (text, teamKey) => {
    expect(resolve(claim("label", text)).teamKey).toBe(teamKey);
  });

  test.each([
    ["git@git.example.com:claims/api.git", "claims"],
    ["https://token@git.example.com/claims/api/", "claims"],
    ["ssh://git@git.example.com/claims/legacy", "motor"],
    ["https://git.example.com/claimsarchive", null],
    ["https://elsewhere.example.com/claims", null],
  ])("the repository %s leads to %o", (repository, teamKey) => {
    expect(resolve(claim("gitops", repository, { kind: "repository" })).teamKey).toBe(teamKey);
  });

  test.each([
    ["claims-api-prod", "claims"],
    ["motor-pricing-test", "motor-pricing"],
    ["claims-motor", null],
    ["prod-7", null],
  ])("the name %s leads to %o, by its longest part", (name, teamKey) => {
    expect(resolve(claim("namespace-name", name)).teamKey).toBe(teamKey);
  });

  test("a part of a label's text is not searched for teams", () => {
    expect(resolve(claim("label", "claims-api-prod")).teamKey).toBeNull();
  });

  test("said of what contains the thing, it is weak", () => {
    expect(brief(resolve(claim("account-tag", "claims", { inherited: true })))).toEqual(["claims", "weak", "low"]);
  });

  test("said of what contains the thing, it gives way to any hint on the thing itself, and disputes none", () => {
    const owner = resolve(claim("account-tag", "claims", { inherited: true }), claim("role-binding", "motor"));
    expect(brief(owner)).toEqual(["motor", "weak", "low"]);
    expect(owner.claims.map(({ standing }) => standing)).toEqual(["won", "lost"]);
  });
});

describe("a mail", () => {
  test("stands for the person's team", () => {
    expect(brief(resolve(claim("annotation", "Alice@Example.com")))).toEqual(["claims", "explicit", "high"]);
  });

  test("stands for the team at the time of the claim; that the person has moved costs confidence and is said", () => {
    const owner = resolve(claim("rancher-creator", "dave@example.com", { from: "2025-11-05T10:00:00Z" }));
    expect(brief(owner)).toEqual(["claims", "derived", "low"]);
    expect(owner.winner).toMatchObject({ teamThen: "claims", teamNow: "motor", via: "person" });
    expect(owner.reasons).toContain("dave@example.com has moved from claims to motor since.");
  });

  test("of a leaver stands for the manager's team, marked so", () => {
    const owner = resolve(claim("label", "bob@example.com", { from: "2025-11-05T10:00:00Z" }));
    expect(brief(owner)).toEqual(["claims", "explicit", "medium"]);
    expect(owner.winner).toMatchObject({ teamThen: "motor", teamNow: "claims", via: "manager" });
    expect(owner.reasons[1]).toBe("bob@example.com has left; this is the team of the manager alice@example.com.");
  });

  test("of a leaver whose manager has left too stands for the manager's manager", () => {
    expect(resolve(claim("label", "gina@example.com")).teamKey).toBe("claims");
  });

  test("of a leaver in a circle of leavers stands for the team of then", () => {
    const owner = resolve(claim("audit-log", "erin@example.com", { from: "2025-11-05T10:00:00Z" }));
    expect(brief(owner)).toEqual(["motor", "derived", "low"]);
    expect(resolve(claim("audit-log", "erin@example.com")).teamKey).toBeNull();
  });

  test("that ended on a day no longer counts from its midnight on", () => {
    const at = (instant: string) =>
      resolveOwner([claim("label", "bob@example.com", { readAt: instant })], DIRECTORY, instant);
    expect(at("2026-01-31T23:59:59.999Z").winner?.via).toBe("person");
    expect(at("2026-02-01T00:00:00Z").winner?.via).toBe("manager");
  });

  test.each(["hal@example.com", "stranger@example.com"])("%s leads to no team", (mail) => {
    expect(brief(resolve(claim("label", mail)))).toEqual([null, "none", null]);
  });
});

describe("several claims", () => {
  test("the stronger wins, and those that lost say why", () => {
    const owner = resolve(claim("role-binding", "life"), claim("gitops", "motor"), claim("label", "claims"));
    expect(standings(owner)).toEqual([
      ["label", "won"],
      ["gitops", "lost"],
      ["role-binding", "lost"],
    ]);
    expect(owner.claims[1]?.reason).toBe(
      "The GitOps repository leads to motor, but explicit claims come before derived ones.",
    );
    expect(owner.confidence).toBe("medium");
  });

  test("of equal strength that name different teams are contested; the better origin keeps it with low confidence", () => {
    const owner = resolve(claim("annotation", "motor"), claim("label", "claims"), claim("backstage", "clm"));
    expect(brief(owner)).toEqual(["claims", "contested", "low"]);
    expect(standings(owner)).toEqual([
      ["label", "won"],
      ["annotation", "disputes"],
      ["backstage", "agrees"],
    ]);
    expect(owner.reasons[0]).toBe("Claims of equal strength name claims and motor.");
  });

  test("of one origin that name different teams leave it with nobody", () => {
    const owner = resolve(claim("label", "claims", { detail: "team" }), claim("label", "motor", { detail: "owner" }));
    expect(brief(owner)).toEqual([null, "contested", null]);
    expect(owner.winner).toBeNull();
    expect(standings(owner)).toEqual([
      ["label", "disputes"],
      ["label", "disputes"],
    ]);
  });

  test("who made it gives way to who owns it", () => {
    const owner = resolve(claim("rancher-creator", "alice@example.com"), claim("gitops", "motor"));
    expect(brief(owner)).toEqual(["motor", "derived", "medium"]);
    expect(standings(owner)).toEqual([
      ["gitops", "won"],
      ["rancher-creator", "lost"],
    ]);
  });

  test("an override wins while it lasts, and the newest of several", () => {
    const override = claim("override", "life", { from: "2026-01-01T00:00:00Z", to: "2026-07-01T00:00:00Z" });
    const claims = [claim("label", "claims"), override];
    expect(brief(resolveOwner(claims, DIRECTORY, NOW))).toEqual(["life", "explicit", "high"]);
    expect(resolveOwner(claims, DIRECTORY, "2026-07-01T00:00:00Z").teamKey).toBe("claims");
    expect(resolveOwner(claims, DIRECTORY, "2025-12-31T23:59:59Z").teamKey).toBe("claims");
    const newer = claim("override", "motor", { from: "2026-05-01T00:00:00Z" });
    expect(brief(resolve(...claims, newer))).toEqual(["motor", "explicit", "high"]);
  });

  test("an override of what contains it does not overrule what is said of the thing itself", () => {
    const inherited = claim("override", "life", { inherited: true });
    expect(brief(resolve(inherited))).toEqual(["life", "weak", "low"]);
    expect(brief(resolve(inherited, claim("label", "claims")))).toEqual(["claims", "explicit", "high"]);
  });

  test("none at all is none, with a reason", () => {
    expect(resolve()).toEqual({
      teamKey: null,
      strength: "none",
      confidence: null,
      winner: null,
      claims: [],
      reasons: ["Nothing says whose it is."],
    });
  });
});

describe("without a directory", () => {
  test("an explicit text is its own team, and nothing else is", () => {
    const at = (one: Claim) => resolveOwner([one], NO_DIRECTORY, NOW).teamKey;
    expect(at(claim("label", " Claims "))).toBe("claims");
    expect(at(claim("gitops", "claims"))).toBeNull();
    expect(at(claim("label", "alice@example.com"))).toBeNull();
  });
});

describe("readOwnerText", () => {
  test.each([
    ["mailto:Alice@example.com", { kind: "mail", value: "alice@example.com" }],
    ["group:default/claims", { kind: "team", value: "claims" }],
    ["default/claims", { kind: "team", value: "claims" }],
    ["Claims & Care", { kind: "team", value: "Claims & Care" }],
    ["  ", null],
  ])("%o is %o", (text, expected) => {
    expect(readOwnerText(text)).toEqual(expected);
  });
});

describe("for any claims", () => {
  const claimsArbitrary = fc.array(claimArbitrary, { maxLength: 8 });
  const directoryArbitrary = fc.constantFrom(DIRECTORY, NO_DIRECTORY);

  test("their order does not matter, and the same claims give the same answer", () => {
    const shuffled = claimsArbitrary.chain((claims) =>
      fc.tuple(fc.constant(claims), fc.shuffledSubarray(claims, { minLength: claims.length })),
    );
    fc.assert(
      fc.property(shuffled, directoryArbitrary, ([claims, other], directory) => {
        const first = resolveOwner(claims, directory, NOW);
        expect(resolveOwner(other, directory, NOW)).toEqual(first);
        expect(resolveOwner(claims, directory, NOW)).toEqual(first);
      }),
    );
  });

  test("a weaker one never displaces a stronger one", () => {
    const rank = { explicit: 0, derived: 1, weak: 2 };
    fc.assert(
      fc.property(claimsArbitrary, claimArbitrary, directoryArbitrary, (claims, extra, directory) => {
        const before = resolveOwner(claims, directory, NOW);
        if (before.winner === null || rank[strengthOf(extra)] <= rank[before.winner.strength]) return;
        const after = resolveOwner([...claims, extra], directory, NOW);
        expect([after.teamKey, after.strength]).toEqual([before.teamKey, before.strength]);
      }),
    );
  });

  test("high confidence means that no claim that is as strong names another team", () => {
    fc.assert(
      fc.property(claimsArbitrary, (claims) => {
        const owner = resolve(...claims);
        if (owner.confidence !== "high") return;
        expect(owner.winner?.strength).toBe("explicit");
        expect(owner.claims.filter(({ standing }) => standing === "disputes")).toEqual([]);
      }),
    );
  });

  test("every claim is answered for once, and there is a winner exactly where there is an owner", () => {
    fc.assert(
      fc.property(claimsArbitrary, directoryArbitrary, (claims, directory) => {
        const owner = resolveOwner(claims, directory, NOW);
        expect(owner.claims).toHaveLength(claims.length);
        expect(owner.claims.filter(({ standing }) => standing === "won")).toHaveLength(owner.teamKey === null ? 0 : 1);
        expect(owner.winner?.teamKey ?? null).toBe(owner.teamKey);
        expect(
          owner.claims.filter(({ standing, teamKey }) => standing === "agrees" && teamKey !== owner.teamKey),
        ).toEqual([]);
      }),
    );
  });
});
