import { expect, test } from "vitest";
import { focusServiceOf } from "#lib/sources/aws-cost-explorer/aws-services.ts";
import { chargeCategoryOf } from "#lib/sources/aws-cost-explorer/charge-category.ts";

test.each([
  ["Usage", "Usage"],
  ["SavingsPlanNegation", "Usage"],
  ["Savings Plan Negation", "Usage"],
  ["Refund", "Usage"],
  ["RIFee", "Purchase"],
  ["Savings Plan Upfront Fee", "Purchase"],
  ["Tax", "Tax"],
  ["Credit", "Credit"],
  ["Something new", null],
])("the record type %s is of the category %s", (recordType, category) => {
  expect(chargeCategoryOf(recordType)).toBe(category);
});

test.each([
  ["Amazon Elastic Compute Cloud - Compute", "Amazon Elastic Compute Cloud", "Compute"],
  ["EC2 - Other", "Amazon Elastic Compute Cloud", "Compute"],
  ["Amazon Simple Storage Service", "Amazon Simple Storage Service", "Storage"],
  ["A product of the marketplace", "A product of the marketplace", "Other"],
])("the service %s is %s of FOCUS", (name, serviceName, serviceCategory) => {
  expect(focusServiceOf(name)).toEqual({ serviceName, serviceCategory });
});
