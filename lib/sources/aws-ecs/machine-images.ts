import { AppError } from "#lib/errors.ts";
import type { AwsClients } from "#lib/sources/aws/client.ts";
import { ecsPermission } from "#lib/sources/aws-ecs/permission.ts";

/** Values that one filter takes. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeImages.html */
const IMAGES_AT_ONCE = 200;
/** Pages of one answer; the images that were asked for fit on one. */
const MAX_PAGES = 20;

/**
 * When machine images were made, by their ids. What was deregistered, or is shared with this account no more, is not answered: nothing is then
 * known of it.
 *
 * @throws AppError "denied" where images may not be described.
 */
export async function readImageDates(
  clients: Pick<AwsClients, "open" | "attempt">,
  region: string,
  ids: readonly string[],
): Promise<Map<string, Date>> {
  const dates = new Map<string, Date>();
  if (ids.length === 0) return dates;
  // The SDK of EC2 is the largest of all, and only clusters on machines need it.
  const { DescribeImagesCommand, EC2Client } = await import("@aws-sdk/client-ec2");
  const client = clients.open("ec2", region, (settings) => new EC2Client(settings));
  for (let start = 0; start < ids.length; start += IMAGES_AT_ONCE) {
    // Asked for by their ids, one image that is gone would fail the whole request; a filter leaves it out.
    const Filters = [{ Name: "image-id", Values: ids.slice(start, start + IMAGES_AT_ONCE) }];
    let token: string | undefined;
    for (let page = 0; ; page += 1) {
      if (page === MAX_PAGES)
        throw new AppError("limit_reached", `The answer of ec2:DescribeImages has more than ${MAX_PAGES} pages.`);
      const more = token === undefined ? {} : { NextToken: token };
      // Deprecated images are the old ones, which are what is looked for.
      const command = new DescribeImagesCommand({ Filters, IncludeDeprecated: true, ...more });
      const answer = await clients.attempt(ecsPermission("ec2:DescribeImages"), (options) =>
        client.send(command, options),
      );
      for (const { ImageId, CreationDate } of answer.Images ?? []) {
        const made = new Date(CreationDate ?? Number.NaN);
        if (ImageId !== undefined && !Number.isNaN(made.getTime())) dates.set(ImageId, made);
      }
      token = answer.NextToken;
      if (!token) break;
    }
  }
  return dates;
}
