import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DEMO_CREDENTIALS } from "#demo/aws/s3.ts";
import { type AwsOptions, type AwsServer, startAws } from "#demo/aws/server.ts";
import { createEstate, type Estate } from "#demo/estate/estate.ts";
import { day } from "#lib/domain/period.ts";

export const TODAY = day("2026-11-21");

/** A small estate, and AWS that shows it. */
export type AwsWorkshop = {
  estate: Estate;
  server: AwsServer;
  scratchDir: string;
  /** The settings with which a source reaches the server: the payer's own keys, which may do everything. */
  connection: { endpoint: string; accessKeyId: string; secretAccessKey: string };
  close(): Promise<void>;
};

let shared: Estate | undefined;

export async function openAwsWorkshop(options: Partial<AwsOptions> = {}): Promise<AwsWorkshop> {
  const estate =
    options.estate ?? (shared ??= createEstate({ seed: "aws-sources", today: TODAY, months: 4, scale: 0.05 }));
  const root = await mkdtemp(join(tmpdir(), "bursar-aws-"));
  const server = await startAws({ root, ...options, estate });
  return {
    estate,
    server,
    scratchDir: root,
    connection: {
      endpoint: server.url,
      accessKeyId: DEMO_CREDENTIALS.accessKeyId,
      secretAccessKey: DEMO_CREDENTIALS.secretAccessKey,
    },
    close: async () => {
      await server.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}
