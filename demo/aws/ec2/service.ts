import type { AwsService, PlainOperation } from "#demo/aws/service.ts";
import type { EcsClusterPlan } from "#demo/estate/ecs-clusters.ts";

/** EC2, as far as its images: those that the machines of the caller's account and region were made from. */
export function createEc2(clusters: readonly EcsClusterPlan[]): AwsService {
  return {
    name: "ec2",
    protocol: "ec2",
    target: "2016-11-15",
    regions: null,
    throttling: { code: "RequestLimitExceeded", message: "Request limit exceeded." },
    failures: {},
    operations: { DescribeImages: describeImages(clusters) },
  };
}

function describeImages(clusters: readonly EcsClusterPlan[]): PlainOperation {
  return {
    schema: null,
    action: "ec2:DescribeImages",
    isUnsigned: false,
    resourceOf: () => "*",
    answer: (input, { caller, region }) => {
      const asked = new Map(Object.entries(Object(input) as Record<string, string>));
      // An image that is deprecated is answered only where that was asked for.
      const isWanted = (imageId: string) =>
        asked.get("IncludeDeprecated") === "true" &&
        asked.get("Filter.1.Name") === "image-id" &&
        [...asked].some(([name, value]) => name.startsWith("Filter.1.Value.") && value === imageId);
      const images = clusters
        .filter(({ account, region: at }) => account.id === caller.account && at === region)
        .flatMap(({ machines }) => machines.map(({ image }) => image));
      const known = new Map(images.map((image) => [image.id, image]));
      return {
        imagesSet: [...known.values()]
          .filter(({ id }) => isWanted(id))
          .map(({ id, createdAt }) => ({ imageId: id, creationDate: createdAt, imageState: "available" })),
      };
    },
  };
}
