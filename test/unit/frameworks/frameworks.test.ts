import { describe, expect, test } from "vitest";
import type { Framework, FrameworkControl } from "#lib/domain/posture/framework.ts";
import { listFrameworks, loadFramework } from "#lib/frameworks/index.ts";
import { MANAGED_RULES } from "#lib/frameworks/managed-rules.ts";
import { MANAGED_RULE } from "#lib/frameworks/rules.ts";
import { POLICIES } from "#lib/policies/index.ts";

const LONGEST_DESCRIPTION = 200;

/** How many controls each framework has by the part of their numbers that `partOf` takes, and where that is said. */
const COUNTS: Record<string, { partOf: RegExp; counts: Record<string, number> }> = {
  // CIS Amazon Web Services Foundations Benchmark v1.4.0: contents, sections 1 to 5.
  "cis-aws-1.4": {
    partOf: /^(?:2\.\d|\d)/,
    counts: { "1": 21, "2.1": 5, "2.2": 1, "2.3": 1, "3": 11, "4": 15, "5": 4 },
  },
  // CIS Kubernetes Benchmark v1.9.0: contents, sections 1 to 5 (section 5.6 does not exist).
  "cis-kubernetes-1.9": {
    partOf: /^(?:2|\d\.\d)(?=\.)/,
    counts: {
      "1.1": 21,
      "1.2": 29,
      "1.3": 7,
      "1.4": 2,
      "2": 7,
      "3.1": 3,
      "3.2": 2,
      "4.1": 10,
      "4.2": 13,
      "4.3": 1,
      "5.1": 13,
      "5.2": 13,
      "5.3": 2,
      "5.4": 2,
      "5.5": 1,
      "5.7": 4,
    },
  },
  // Regulation (EU) 2022/2554, articles 5 to 31, 42 and 45: paragraphs and points that bind a financial entity. Articles 15, 20 and 21 and
  // what is left of others are mandates of the supervisory authorities, or bind critical providers.
  dora: {
    partOf: /^\d+/,
    counts: {
      "5": 12,
      "6": 10,
      "7": 4,
      "8": 7,
      "9": 12,
      "10": 4,
      "11": 11,
      "12": 7,
      "13": 7,
      "14": 3,
      "16": 9,
      "17": 8,
      "18": 2,
      "19": 5,
      "22": 1,
      "23": 1,
      "24": 6,
      "25": 3,
      "26": 8,
      "27": 3,
      "28": 9,
      "29": 2,
      "30": 17,
      "31": 1,
      "42": 1,
      "45": 3,
    },
  },
  // ISO/IEC 27001:2022, table A.1: 93 controls in four themes.
  "iso-27001-2022": { partOf: /^A\.\d/, counts: { "A.5": 37, "A.6": 8, "A.7": 14, "A.8": 34 } },
  // The CSF 2.0 core (NIST CSWP 29, appendix A): 106 subcategories in 22 categories of 6 functions.
  "nist-csf-2.0": {
    partOf: /^[A-Z]{2}\.[A-Z]{2}/,
    counts: {
      "GV.OC": 5,
      "GV.RM": 7,
      "GV.RR": 4,
      "GV.PO": 2,
      "GV.OV": 3,
      "GV.SC": 10,
      "ID.AM": 7,
      "ID.RA": 10,
      "ID.IM": 4,
      "PR.AA": 6,
      "PR.AT": 2,
      "PR.DS": 4,
      "PR.PS": 6,
      "PR.IR": 4,
      "DE.CM": 5,
      "DE.AE": 6,
      "RS.MA": 5,
      "RS.AN": 4,
      "RS.CO": 2,
      "RS.MI": 2,
      "RC.RP": 6,
      "RC.CO": 2,
    },
  },
  // PCI DSS v4.0, March 2022: 250 defined-approach requirements in 1 to 12, and appendices A1 to A3.
  "pci-dss-4.0": {
    partOf: /^A?\d+/,
    counts: {
      "1": 19,
      "2": 11,
      "3": 29,
      "4": 6,
      "5": 13,
      "6": 19,
      "7": 12,
      "8": 29,
      "9": 27,
      "10": 27,
      "11": 21,
      "12": 37,
      A1: 7,
      A2: 3,
      A3: 20,
    },
  },
  // AICPA TSP section 100, 2017 Trust Services Criteria: 33 common criteria and those of four further categories.
  "soc-2": {
    partOf: /^[A-Z]+\d/,
    counts: {
      CC1: 5,
      CC2: 3,
      CC3: 4,
      CC4: 2,
      CC5: 3,
      CC6: 8,
      CC7: 5,
      CC8: 1,
      CC9: 2,
      A1: 3,
      C1: 2,
      PI1: 5,
      P1: 1,
      P2: 1,
      P3: 2,
      P4: 3,
      P5: 2,
      P6: 7,
      P7: 1,
      P8: 1,
    },
  },
};

function countBy(framework: Framework, partOf: RegExp): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { id } of framework.controls) {
    const part = partOf.exec(id)?.[0] ?? `${id} belongs nowhere`;
    counts[part] = (counts[part] ?? 0) + 1;
  }
  return counts;
}

test("the frameworks that come with Bursar are these", () => {
  expect(listFrameworks().map(({ id }) => id)).toEqual(Object.keys(COUNTS).toSorted());
});

describe.each(Object.entries(COUNTS))("%s", (id, { partOf, counts }) => {
  const framework = loadFramework(id);

  test("lists every control of every part", () => {
    expect(countBy(framework, partOf)).toEqual(counts);
  });

  test("keeps the order of its numbers within a group", () => {
    const byNumber = new Intl.Collator("en", { numeric: true });
    for (const group of new Set(framework.controls.map((control) => control.group))) {
      const ids = framework.controls.filter((control) => control.group === group).map((control) => control.id);
      expect(ids).toEqual(ids.toSorted(byNumber.compare));
    }
  });

  test("names only rules that exist", () => {
    const known = new Set<string>([...MANAGED_RULES, ...POLICIES.map((policy) => policy.id)]);
    const named = framework.controls.flatMap(({ rules }) => rules);
    expect(named.filter((rule) => !known.has(rule) && !/^(?:policy-report|baseline):\S+$/.test(rule))).toEqual([]);
  });

  test("names no rule twice in a control, and says what each control is in few words", () => {
    const idsWhere = (isWrong: (control: FrameworkControl) => boolean) =>
      framework.controls.filter(isWrong).map((control) => control.id);
    expect(idsWhere(({ rules }) => new Set(rules).size !== rules.length)).toEqual([]);
    expect(idsWhere(({ description }) => description.length > LONGEST_DESCRIPTION)).toEqual([]);
    expect(idsWhere(({ rules, manual }) => rules.length === 0 && manual === null)).toEqual([]);
  });
});

test("every managed rule in the list is written as AWS writes them, is used, and stands once", () => {
  const used = new Set(listFrameworks().flatMap(({ controls }) => controls.flatMap(({ rules }) => rules)));
  expect(MANAGED_RULES.filter((rule) => !MANAGED_RULE.test(rule) || !used.has(rule))).toEqual([]);
  expect(new Set(MANAGED_RULES).size).toBe(MANAGED_RULES.length);
});

test("every check of our own speaks for a control of some framework", () => {
  const used = new Set(listFrameworks().flatMap(({ controls }) => controls.flatMap(({ rules }) => rules)));
  expect(POLICIES.map((policy) => policy.id).filter((policy) => !used.has(policy))).toEqual([]);
});
