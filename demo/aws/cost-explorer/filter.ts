import type { Expression } from "@aws-sdk/client-cost-explorer";
import { AwsFailure } from "#demo/aws/service.ts";
import type { Facet } from "#demo/aws/cost-explorer/cost-cube.ts";
import { filteredDimension } from "#demo/aws/cost-explorer/dimensions.ts";

type Predicate = (facet: Facet) => boolean;
type Leaf = {
  Key?: string | undefined;
  Values?: readonly string[] | undefined;
  MatchOptions?: readonly string[] | undefined;
};

const MATCH_OPTIONS: Record<"dimension" | "tag", readonly string[]> = {
  dimension: ["EQUALS", "CASE_SENSITIVE"],
  tag: ["EQUALS", "CASE_SENSITIVE", "ABSENT"],
};

/** Which facets an expression of And, Or, Not, Dimensions, Tags and CostCategories keeps. @throws ValidationException. */
export function predicateOf(expression: Expression): Predicate {
  const parts = Object.entries(expression).filter(([, part]) => part !== undefined && part !== null);
  if (parts.length !== 1)
    throw invalid("Expression must have exactly one of And, Or, Not, Dimensions, Tags and CostCategories");
  if (expression.And) return allOf(operandsOf("And", expression.And));
  if (expression.Or) return anyOf(operandsOf("Or", expression.Or));
  if (expression.Not) {
    const negated = predicateOf(expression.Not);
    return (facet) => !negated(facet);
  }
  if (expression.Dimensions) {
    const { key, values } = leafOf(expression.Dimensions, "dimension");
    const valueOf = filteredDimension(key);
    return (facet) => values.has(valueOf(facet));
  }
  // No cost category is defined in this organisation, so a row belongs to none.
  if (expression.CostCategories) {
    const { values, isAbsent } = leafOf(expression.CostCategories, "tag");
    return () => isAbsent || values.has("");
  }
  const { key, values, isAbsent } = leafOf(expression.Tags ?? {}, "tag");
  if (isAbsent) return ({ tags }) => !Object.hasOwn(tags, key);
  return ({ tags }) => values.has(tags[key] ?? "");
}

function operandsOf(name: string, expressions: readonly Expression[]): Predicate[] {
  if (expressions.length < 2) throw invalid(`${name} expression must have at least 2 operands`);
  return expressions.map(predicateOf);
}

function allOf(predicates: readonly Predicate[]): Predicate {
  return (facet) => predicates.every((predicate) => predicate(facet));
}

function anyOf(predicates: readonly Predicate[]): Predicate {
  return (facet) => predicates.some((predicate) => predicate(facet));
}

function leafOf(
  { Key, Values, MatchOptions }: Leaf,
  kind: "dimension" | "tag",
): { key: string; values: Set<string>; isAbsent: boolean } {
  if (Key === undefined) throw invalid("Expression has no Key");
  const unknown = (MatchOptions ?? []).find((option) => !MATCH_OPTIONS[kind].includes(option));
  if (unknown !== undefined) throw invalid(`Match option ${unknown} is not supported for this request`);
  const isAbsent = MatchOptions?.includes("ABSENT") ?? false;
  if (!isAbsent && (Values ?? []).length === 0) throw invalid(`Expression for ${Key} has no Values`);
  return { key: Key, values: new Set(Values), isAbsent };
}

function invalid(message: string): AwsFailure {
  return new AwsFailure("ValidationException", message);
}
