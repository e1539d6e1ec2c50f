import type { DescribeImagesCommandOutput, DescribeInstancesCommandOutput, EC2Client } from "@aws-sdk/client-ec2";
import { AppError } from "#lib/errors.ts";
import type { AwsClients } from "#lib/sources/aws/client.ts";
import { MACHINE_IMAGE_PERMISSIONS } from "#lib/sources/aws/permissions.ts";

/** Values that one filter takes. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeImages.html */
const VALUES_AT_ONCE = 200;
/** Pages of one answer; what was asked for fits on one. */
const MAX_PAGES = 20;
const { instances: INSTANCES, images: IMAGES } = MACHINE_IMAGE_PERMISSIONS;

type Clients = Pick<AwsClients, "open" | "attempt">;
type Page = { token: string | undefined };

/**
 * When machine images were made, by their ids. What was deregistered, or is shared with this account no more, is not answered: nothing is then
 * known of it.
 *
 * @throws AppError "denied" where images may not be described.
 */
export async function readImageDates(
  clients: Clients,
  region: string,
  ids: readonly string[],
): Promise<Map<string, Date>> {
  const dates = new Map<string, Date>();
  if (ids.length === 0) return dates;
  const { sdk, client } = await openEc2(clients, region);
  await eachPage(IMAGES.action, ids, async (Values, { token }) => {
    // Asked for by their ids, one image that is gone would fail the whole request; a filter leaves it out. Deprecated images are the old
    // ones, which are what is looked for.
    const asked = { Filters: [{ Name: "image-id", Values }], IncludeDeprecated: true, NextToken: token };
    const answer: DescribeImagesCommandOutput = await clients.attempt(IMAGES, (options) =>
      client.send(new sdk.DescribeImagesCommand(asked), options),
    );
    for (const { ImageId, CreationDate } of answer.Images ?? []) {
      const made = new Date(CreationDate ?? Number.NaN);
      if (ImageId !== undefined && !Number.isNaN(made.getTime())) dates.set(ImageId, made);
    }
    return answer.NextToken;
  });
  return dates;
}

/**
 * Which image each instance was made from, by the instance's id. One that is gone is not answered.
 *
 * @throws AppError "denied" where instances may not be described.
 */
export async function readInstanceImages(
  clients: Clients,
  region: string,
  ids: readonly string[],
): Promise<Map<string, string>> {
  const images = new Map<string, string>();
  if (ids.length === 0) return images;
  const { sdk, client } = await openEc2(clients, region);
  await eachPage(INSTANCES.action, ids, async (Values, { token }) => {
    const asked = { Filters: [{ Name: "instance-id", Values }], NextToken: token };
    const answer: DescribeInstancesCommandOutput = await clients.attempt(INSTANCES, (options) =>
      client.send(new sdk.DescribeInstancesCommand(asked), options),
    );
    for (const { Instances = [] } of answer.Reservations ?? [])
      for (const { InstanceId, ImageId } of Instances)
        if (InstanceId !== undefined && ImageId !== undefined) images.set(InstanceId, ImageId);
    return answer.NextToken;
  });
  return images;
}

/** The SDK of EC2 is the largest of all, and only clusters on machines need it. */
async function openEc2(clients: Clients, region: string) {
  const sdk = await import("@aws-sdk/client-ec2");
  return { sdk, client: clients.open("ec2", region, (settings): EC2Client => new sdk.EC2Client(settings)) };
}

/** Ids in batches, each to the end of its answer. `ask` gives the token of the page after. */
async function eachPage(
  action: string,
  ids: readonly string[],
  ask: (values: string[], page: Page) => Promise<string | undefined>,
): Promise<void> {
  for (let start = 0; start < ids.length; start += VALUES_AT_ONCE) {
    const values = ids.slice(start, start + VALUES_AT_ONCE);
    let token: string | undefined;
    for (let page = 0; ; page += 1) {
      if (page === MAX_PAGES)
        throw new AppError("limit_reached", `The answer of ${action} has more than ${MAX_PAGES} pages.`);
      token = await ask(values, { token });
      if (!token) break;
    }
  }
}
