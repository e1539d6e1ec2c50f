import { AwsFailure, type AwsService, type OperationCall, type PlainOperation } from "#demo/aws/service.ts";
import type { PageTokens } from "#demo/aws/page-token.ts";
import type { EcsClusterPlan } from "#demo/estate/ecs-clusters.ts";

/** A machine of EC2, and the image that it was made from. */
export type Ec2Machine = {
  account: string;
  region: string;
  id: string;
  /** `createdAt`: ISO instant; null = it was deregistered, and nobody is told of it any more. */
  image: { id: string; createdAt: string | null };
};

/** Values that one filter takes. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstances.html */
const MOST_VALUES = 200;
/** EC2 may answer in pages smaller than what was asked for. */
const PAGE_SIZE = 100;

/** EC2, as far as its machines and their images: those of the caller's account and region. `machines` is asked when the first call comes. */
export function createEc2(
  clusters: readonly EcsClusterPlan[],
  machines: () => readonly Ec2Machine[],
  tokens: PageTokens,
): AwsService {
  const every = (): Ec2Machine[] => [
    ...clusters.flatMap(({ account, region, machines: own }) =>
      own.map(({ id, image }) => ({ account: account.id, region, id, image })),
    ),
    ...machines(),
  ];
  const mine = ({ caller, region }: OperationCall) =>
    every().filter((machine) => machine.account === caller.account && machine.region === region);
  return {
    name: "ec2",
    protocol: "ec2",
    target: "2016-11-15",
    regions: null,
    throttling: { code: "RequestLimitExceeded", message: "Request limit exceeded." },
    failures: {},
    operations: {
      DescribeImages: plain("ec2:DescribeImages", (input, call) => {
        const wanted = filtered(input, "image-id");
        const known = new Map(mine(call).map(({ image }) => [image.id, image.createdAt]));
        // An image that is deprecated is answered only where that was asked for.
        const found = [...known].filter(
          ([id, at]) => input.get("IncludeDeprecated") === "true" && at && wanted.has(id),
        );
        return {
          imagesSet: found.map(([imageId, creationDate]) => ({ imageId, creationDate, imageState: "available" })),
        };
      }),
      DescribeInstances: plain("ec2:DescribeInstances", (input, call) => {
        const wanted = filtered(input, "instance-id");
        const found = mine(call).filter(({ id }) => wanted.has(id));
        const request = Object.fromEntries(input);
        const asked = input.get("NextToken");
        const place = asked === undefined ? { page: 1, at: [0] } : tokens.read(request, asked);
        if (typeof place === "string") throw new AwsFailure("InvalidNextToken", "The token is not valid.");
        const [start = 0] = place.at;
        const end = start + PAGE_SIZE;
        return {
          reservationSet: found.slice(start, end).map(({ id, image }) => ({
            reservationId: id.replace("i-", "r-"),
            instancesSet: [{ instanceId: id, imageId: image.id, instanceState: { code: 16, name: "running" } }],
          })),
          ...(end < found.length ? { nextToken: tokens.issue(request, { page: place.page + 1, at: [end] }) } : {}),
        };
      }),
    },
  };
}

function plain(
  action: string,
  answer: (input: ReadonlyMap<string, string>, call: OperationCall) => object,
): PlainOperation {
  return {
    schema: null,
    action,
    isUnsigned: false,
    resourceOf: () => "*",
    answer: (input, call) => answer(new Map(Object.entries(Object(input) as Record<string, string>)), call),
  };
}

/** The values of the one filter that a request has. */
function filtered(input: ReadonlyMap<string, string>, name: string): Set<string> {
  const values = [...input].filter(([key]) => key.startsWith("Filter.1.Value.")).map(([, value]) => value);
  if (input.get("Filter.1.Name") !== name)
    throw new AwsFailure("InvalidParameterValue", `The demo filters by ${name}.`);
  if (values.length > MOST_VALUES)
    throw new AwsFailure("FilterLimitExceeded", `The maximum number of filter values is ${MOST_VALUES}.`);
  return new Set(values);
}
