import { z } from "zod";
import { AppError } from "#lib/errors.ts";

/** What AWS Data Exports writes beside each delivery. https://docs.aws.amazon.com/cur/latest/userguide/dataexports-export-delivery.html */
const awsManifest = z.looseObject({ dataFiles: z.array(z.string().min(1)) });

/** What Azure Cost Management writes beside each run. https://learn.microsoft.com/azure/cost-management-billing/costs/tutorial-improved-exports */
const azureManifest = z.looseObject({
  runInfo: z.looseObject({ submittedTime: z.string().min(1), runId: z.string().optional() }),
  blobs: z.array(z.looseObject({ blobName: z.string().min(1), byteCount: z.coerce.number().optional() })),
});

export type AzureManifest = z.infer<typeof azureManifest>;

/** The data files that an AWS manifest names, as it writes them. */
export function parseAwsManifest(text: string, file: string): string[] {
  return parseManifest(awsManifest, text, file).dataFiles;
}

export function parseAzureManifest(text: string, file: string): AzureManifest {
  return parseManifest(azureManifest, text, file);
}

function parseManifest<T>(schema: z.ZodType<T>, text: string, file: string): T {
  let json: unknown;
  try {
    json = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (cause) {
    throw new AppError("bad_data", "The manifest is not JSON.", {
      remedy: "Have the export delivered again.",
      place: { file },
      cause,
    });
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new AppError(
    "bad_data",
    `The manifest is not one of this layout: ${issue?.path.join(".") ?? ""} ${issue?.message ?? ""}`,
    {
      remedy: "Check the source's layout in bursar.yaml, then have the export delivered again.",
      place: { file, column: issue?.path.join(".") ?? "" },
      cause: parsed.error,
    },
  );
}
