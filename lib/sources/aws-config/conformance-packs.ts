import {
  DescribeConformancePackComplianceCommand,
  DescribeConformancePacksCommand,
  DescribeConformancePackStatusCommand,
  GetConformancePackComplianceDetailsCommand,
} from "@aws-sdk/client-config-service";
import type { ConfigAnswer } from "#lib/sources/aws-config/api-types.ts";
import { PAGE_LIMIT, toAnswer, unlessDenied, type ConfigRegion } from "#lib/sources/aws-config/requests.ts";

/** Packs are listed 20 a page, at most. */
const PACKS_A_PAGE = 20;
/** A pack in another state is being made or deleted, or has failed, and its list of rules is not to be relied on. */
const STANDING_STATES = ["CREATE_COMPLETE"];
/** A pack has no word for what does not apply: it calls that insufficient data, so that such rules are asked by themselves. */
const PACK_VERDICTS = ["COMPLIANT", "NON_COMPLIANT"];

/** The conformance packs of one region: which rules they brought, and what these say. */
export type PackReading = {
  packsOf(ruleName: string): readonly string[];
  /** Null where no pack has results of the rule that say all there is to say: it is then asked by itself. */
  answersOf(ruleName: string): readonly ConfigAnswer[] | null;
};

/**
 * Reads the packs that stand. One that is deleted while it is read is left out, and so is everything that may not be read: a pack saves
 * requests and says where a rule comes from, but its rules can each be asked by themselves.
 */
export async function readPacks(region: ConfigRegion): Promise<PackReading> {
  const packsByRule = new Map<string, string[]>();
  const answers = new Map<string, ConfigAnswer[]>();
  for (const pack of await standingPacks(region)) {
    const rules = await unlessDenied(() => rulesOf(region, pack));
    for (const rule of rules ?? []) packsByRule.set(rule, [...(packsByRule.get(rule) ?? []), pack]);
    for (const answer of (await unlessDenied(() => resultsOf(region, pack))) ?? []) {
      const known = answers.get(answer.ruleName);
      if (known) known.push(answer);
      else answers.set(answer.ruleName, [answer]);
    }
  }
  return {
    packsOf: (ruleName) => packsByRule.get(ruleName) ?? [],
    answersOf: (ruleName) => {
      const found = answers.get(ruleName);
      return found?.every(({ complianceType }) => PACK_VERDICTS.includes(complianceType ?? "")) ? found : null;
    },
  };
}

async function standingPacks({ client, list }: ConfigRegion): Promise<string[]> {
  const packs = await unlessDenied(() =>
    list("config:DescribeConformancePacks", async (token, options) => {
      const page = await client.send(new DescribeConformancePacksCommand({ Limit: PACKS_A_PAGE, ...token }), options);
      return { items: page.ConformancePackDetails, nextToken: page.NextToken };
    }),
  );
  const statuses = await unlessDenied(() =>
    list("config:DescribeConformancePackStatus", async (token, options) => {
      const page = await client.send(
        new DescribeConformancePackStatusCommand({ Limit: PACKS_A_PAGE, ...token }),
        options,
      );
      return { items: page.ConformancePackStatusDetails, nextToken: page.NextToken };
    }),
  );
  const names = (packs ?? []).flatMap(({ ConformancePackName }) => ConformancePackName ?? []);
  if (statuses === null) return names;
  const standing = statuses
    .filter(({ ConformancePackState }) => STANDING_STATES.includes(ConformancePackState ?? ""))
    .map(({ ConformancePackName }) => ConformancePackName);
  return names.filter((name) => standing.includes(name));
}

async function rulesOf({ client, list }: ConfigRegion, pack: string): Promise<string[]> {
  const rules = await list("config:DescribeConformancePackCompliance", async (token, options) => {
    const page = await client.send(
      new DescribeConformancePackComplianceCommand({ ConformancePackName: pack, ...token }),
      options,
    );
    return { items: page.ConformancePackRuleComplianceList, nextToken: page.NextToken };
  });
  return rules.flatMap(({ ConfigRuleName }) => ConfigRuleName ?? []);
}

function resultsOf({ client, list, region }: ConfigRegion, pack: string): Promise<ConfigAnswer[]> {
  return list("config:GetConformancePackComplianceDetails", async (token, options) => {
    const page = await client.send(
      new GetConformancePackComplianceDetailsCommand({ ConformancePackName: pack, Limit: PAGE_LIMIT, ...token }),
      options,
    );
    const items = page.ConformancePackRuleEvaluationResults?.map((result) => toAnswer(result, region));
    return { items, nextToken: page.NextToken };
  });
}
