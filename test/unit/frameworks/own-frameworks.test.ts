import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AppError } from "#lib/errors.ts";
import { importConformancePack } from "#lib/frameworks/import-conformance-pack.ts";
import { listFrameworks, loadFramework } from "#lib/frameworks/index.ts";
import { parseFramework } from "#lib/frameworks/parse-framework.ts";

const OWN = `id: house-rules
name: House rules
version: "3"
publisher: The house
groups:
  - name: Access
    controls:
      - id: "1.10"
        title: Second factor
        description: Everybody has one.
        rules: [user-has-mfa, IAM_USER_MFA_ENABLED, "policy-report:require-labels/*"]
      - id: "1.11"
        title: Door
        description: The door is locked.
        manual: A photograph of the door.
        severity: high
`;

const PACK = `
##########
#
#   Conformance Pack:
#     House pack
#
##########
Parameters:
  MaxAge:
    Default: '90'
    Type: String
Conditions:
  hasMaxAge: !Not [!Equals ['', !Ref MaxAge]]
Resources:
  AccessKeysRotated:
    Type: AWS::Config::ConfigRule
    Properties:
      ConfigRuleName: access-keys-rotated
      InputParameters:
        maxAccessKeyAge:
          Fn::If: [hasMaxAge, { Ref: MaxAge }, { Ref: AWS::NoValue }]
        short: !If [hasMaxAge, !Ref MaxAge, !Ref 'AWS::NoValue']
        computed: { Fn::GetAtt: [Somewhere, Arn] }
      Source: { Owner: AWS, SourceIdentifier: ACCESS_KEYS_ROTATED }
  Volumes:
    Type: AWS::Config::ConfigRule
    Properties:
      ConfigRuleName: { Fn::Sub: "\${AWS::StackName}-volumes" }
      Description: Volumes are encrypted.
      Scope: { ComplianceResourceTypes: ["AWS::EC2::Volume"] }
      Source: { Owner: AWS, SourceIdentifier: ENCRYPTED_VOLUMES }
  Custom:
    Type: AWS::Config::ConfigRule
    Properties:
      ConfigRuleName: our-own-rule
      Source: { Owner: CUSTOM_LAMBDA, SourceIdentifier: { Fn::GetAtt: [Function, Arn] } }
  Process:
    Type: AWS::Config::ConfigRule
    Properties:
      ConfigRuleName: contact-details
      Description: Somebody looks at the contact details.
      Source: { Owner: AWS, SourceIdentifier: AWS_CONFIG_PROCESS_CHECK }
  Remedy:
    Type: AWS::Config::RemediationConfiguration
    Properties: { ConfigRuleName: access-keys-rotated }
`;

function refused(act: () => unknown): AppError {
  try {
    act();
  } catch (thrown) {
    if (thrown instanceof AppError) return thrown;
    throw thrown;
  }
  throw new Error("It was accepted.");
}

describe("a framework's file", () => {
  test("is read with its groups, rules and what is shown by hand", () => {
    const framework = parseFramework(OWN, "own.yaml");
    expect(framework).toMatchObject({ id: "house-rules", name: "House rules", version: "3", publisher: "The house" });
    expect(framework.controls).toMatchObject([
      { id: "1.10", group: "Access", manual: null, rules: ["user-has-mfa", "IAM_USER_MFA_ENABLED", expect.anything()] },
      { id: "1.11", group: "Access", rules: [], manual: "A photograph of the door.", severity: "high" },
    ]);
  });

  test.each([
    ["a number that YAML would shorten", OWN.replace('"1.10"', "1.10"), 8, /quotation marks/],
    ["a control that nothing shows", OWN.replace(/ {8}manual:.*\n/, ""), 12, /by hand/],
    ["a rule that cannot be", OWN.replace("user-has-mfa", "user-has-mfaa"), 11, /identifier/],
    ["a control that is there twice", OWN.replace('"1.11"', '"1.10"'), 12, /line 8 already/],
    ["a key that is not known", OWN.replace("severity:", "severety:"), 16, /severety/],
    ["a severity that is none", OWN.replace("severity: high", "severity: huge"), 16, /./],
    ["a text that is no YAML", OWN.replace("name: House rules", "name: [House rules"), 3, /./],
    ["an empty file", "", 1, /./],
  ])("with %s is refused with file and line", (_what, text, line, message) => {
    const error = refused(() => parseFramework(text, "own.yaml"));
    expect(error).toMatchObject({ code: "invalid_input", place: { file: "own.yaml", line } });
    expect(error.message).toMatch(message);
    expect(error.message).toContain(`own.yaml, line ${line}`);
  });
});

describe("a conformance pack", () => {
  test("becomes a framework whose controls are its rules", () => {
    const framework = importConformancePack(PACK, "/packs/House_Pack.yaml");
    expect(framework).toMatchObject({ id: "house-pack", name: "House pack", publisher: "AWS Config conformance pack" });
    expect(framework.version).toMatch(/^sha256:[0-9a-f]{12}$/);
    expect(framework.controls).toEqual([
      {
        id: "access-keys-rotated",
        title: "Access keys rotated",
        description: "Managed rule ACCESS_KEYS_ROTATED with maxAccessKeyAge 90, short 90.",
        group: "Account",
        rules: ["ACCESS_KEYS_ROTATED"],
        manual: null,
      },
      {
        id: "Volumes",
        title: "Volumes",
        description: "Volumes are encrypted.",
        group: "EC2",
        rules: ["ENCRYPTED_VOLUMES"],
        manual: null,
      },
      {
        id: "our-own-rule",
        title: "Our own rule",
        description: "Custom rule aws-config:our-own-rule.",
        group: "Account",
        rules: ["aws-config:our-own-rule"],
        manual: null,
      },
      {
        id: "contact-details",
        title: "Contact details",
        description: "Somebody looks at the contact details.",
        group: "Shown by hand",
        rules: [],
        manual: "Somebody looks at the contact details.",
      },
    ]);
  });

  test.each([
    ["no rule", "Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n", 1],
    ["a rule without a source", "# Pack\nResources:\n  Rule:\n    Type: AWS::Config::ConfigRule\n", 3],
    ["no resources", "Parameters: {}\n", 1],
    ["a text that is no YAML", "Resources:\n  - [\n", 3],
  ])("with %s is refused with file and line", (_what, text, line) => {
    const error = refused(() => importConformancePack(text, "pack.yaml"));
    expect(error).toMatchObject({ code: "invalid_input", place: { file: "pack.yaml", line } });
  });

  // AWS's published packs are not ours to commit; where somebody put them beside the checkout they all have to be understood.
  const published = join(import.meta.dirname, "..", "..", "..", "..", "shared", "data", "config-packs");
  const packs = existsSync(published) ? readdirSync(published) : [];
  test.skipIf(packs.length === 0)("of AWS's own is understood whole, where the packs are at hand", () => {
    for (const pack of packs) {
      const text = readFileSync(join(published, pack), "utf8");
      const { controls, name } = importConformancePack(text, pack);
      expect(controls).toHaveLength(text.match(/AWS::Config::ConfigRule/g)?.length ?? 0);
      expect(name).toMatch(/^Operational Best Practices for /);
      expect(controls.filter(({ rules, manual }) => rules.length === 0 && manual === null)).toEqual([]);
    }
  });
});

describe("frameworks by configuration", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "bursar-frameworks-"));
    writeFileSync(join(folder, "own.yaml"), OWN);
    writeFileSync(join(folder, "pack.yaml"), PACK);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("stand after those that come with Bursar, whichever format they have", () => {
    const files = [join(folder, "own.yaml"), join(folder, "pack.yaml")];
    expect(listFrameworks(files).slice(-2)).toMatchObject([{ id: "house-rules" }, { id: "pack", name: "House pack" }]);
    expect(loadFramework("house-rules", files).controls).toHaveLength(2);
  });

  test("are parsed once, and again when the file changes", () => {
    const file = join(folder, "changing.yaml");
    writeFileSync(file, OWN);
    const first = loadFramework("house-rules", [file]);
    expect(loadFramework("house-rules", [file])).toBe(first);
    writeFileSync(file, OWN.replace("House rules", "Rules of the house"));
    expect(loadFramework("house-rules", [file]).name).toBe("Rules of the house");
  });

  test("with the id of another are refused", () => {
    const file = join(folder, "same.yaml");
    writeFileSync(file, OWN.replace("id: house-rules", "id: soc-2"));
    expect(refused(() => listFrameworks([file]))).toMatchObject({ code: "invalid_config", place: { file } });
    expect(refused(() => loadFramework("soc-2", [file]))).toMatchObject({ code: "invalid_config", place: { file } });
  });

  test("that cannot be read say which file", () => {
    const file = join(folder, "none.yaml");
    expect(refused(() => listFrameworks([file]))).toMatchObject({ code: "invalid_config", place: { file } });
  });

  test("one that nobody knows is refused with those that there are", () => {
    expect(refused(() => loadFramework("none"))).toMatchObject({
      code: "not_found",
      remedy: expect.stringContaining("nist-csf-2.0"),
    });
  });
});
