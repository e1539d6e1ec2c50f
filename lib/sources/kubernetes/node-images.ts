import { AppError } from "#lib/errors.ts";
import { checkStep } from "#lib/sources/aws/check-step.ts";
import { openAwsClients, type AwsClients } from "#lib/sources/aws/client.ts";
import type { AwsConnection } from "#lib/sources/aws/connection.ts";
import { readImageDates, readInstanceImages } from "#lib/sources/aws/machine-images.ts";
import { MACHINE_IMAGE_PERMISSIONS, statementOf } from "#lib/sources/aws/permissions.ts";
import type { RequestGate } from "#lib/sources/aws/request-gate.ts";
import type { NodeItem, UnknownKind } from "#lib/sources/cluster-inventory.ts";
import type { ClusterAccess } from "#lib/sources/kubernetes/spec.ts";
import type { CheckResult } from "#lib/sources/source.ts";

/** A machine of EC2 as its node names it. Nodes of Fargate have another form, and no image of anybody's own. */
const INSTANCE = /^aws:\/\/\/(?<zone>[a-z0-9-]+)\/(?<id>i-[0-9a-f]+)$/;
/** Of which none is there: a check asks for what it may, and not for what is. */
const NOBODYS = { instance: "i-00000000000000000", image: "ami-00000000000000000" };

type Asking = { gate: RequestGate; signal: AbortSignal };

/**
 * The nodes with the images that EC2 says they were made from, and when those were made. Where EC2 is not in the settings, or may not be
 * asked, the nodes stay as their labels tell; the latter is said in `unknown`.
 */
export async function withMachineImages(
  access: Pick<ClusterAccess, "ec2" | "eks" | "region">,
  nodes: NodeItem[] | null,
  unknown: UnknownKind[],
  { gate, signal }: Asking,
): Promise<NodeItem[] | null> {
  const connection = connectionOf(access);
  if (connection === null || nodes === null) return nodes;
  const clients = await openAwsClients(connection, gate, signal);
  try {
    const found = new Map<string, Known>();
    for (const [region, ids] of instancesByRegion(nodes, connection.region))
      for (const [id, known] of await readRegion(clients, region, ids)) found.set(id, known);
    return nodes.map((node) => {
      const known = found.get(instanceOf(node)?.id ?? "");
      if (known === undefined) return node;
      // Of an image that was deregistered EC2 knows no more; what the node itself tells is then better than nothing.
      return {
        ...node,
        machineImageId: known.image,
        machineImageCreatedAt: known.createdAt ?? node.machineImageCreatedAt,
      };
    });
  } catch (thrown) {
    signal.throwIfAborted();
    unknown.push(unknownImages(thrown));
    return nodes;
  } finally {
    clients.close();
  }
}

/** Whether EC2 may be asked; nothing where it is not in the settings. */
export async function checkMachineImages(
  access: Pick<ClusterAccess, "key" | "ec2" | "eks" | "region">,
  { gate, signal }: Asking,
): Promise<CheckResult[]> {
  const connection = connectionOf(access);
  if (connection === null) return [];
  const clients = await openAwsClients(connection, gate, signal);
  try {
    const what = (action: string) => `Cluster ${access.key}: images of nodes (${action})`;
    const { instances, images } = MACHINE_IMAGE_PERMISSIONS;
    const { region } = connection;
    return [
      await checkStep(what(instances.action), () => readInstanceImages(clients, region, [NOBODYS.instance])),
      await checkStep(what(images.action), () => readImageDates(clients, region, [NOBODYS.image])),
    ];
  } finally {
    clients.close();
  }
}

type Known = { image: string; createdAt: Date | null };

async function readRegion(clients: AwsClients, region: string, ids: readonly string[]): Promise<Map<string, Known>> {
  const images = await readInstanceImages(clients, region, ids);
  const dates = await readImageDates(clients, region, [...new Set(images.values())]);
  return new Map([...images].map(([id, image]) => [id, { image, createdAt: dates.get(image) ?? null }]));
}

/** Empty settings mean the connection of `eks`; one that is given is not mixed with another's role. */
function connectionOf({
  ec2,
  eks,
  region,
}: Pick<ClusterAccess, "ec2" | "eks" | "region">): (AwsConnection & { region: string }) | null {
  if (ec2 === undefined) return null;
  const own: AwsConnection = Object.keys(ec2).length === 0 && eks !== undefined ? eks : ec2;
  return { ...own, region: ec2.region ?? eks?.region ?? region ?? "" };
}

function instancesByRegion(nodes: readonly NodeItem[], home: string): Map<string, string[]> {
  const byRegion = new Map<string, string[]>();
  for (const node of nodes) {
    const instance = instanceOf(node);
    if (instance === null) continue;
    const region = node.region ?? home;
    byRegion.set(region, [...(byRegion.get(region) ?? []), instance.id]);
  }
  return byRegion;
}

function instanceOf({ providerId }: NodeItem): { id: string } | null {
  const id = INSTANCE.exec(providerId ?? "")?.groups?.["id"];
  return id === undefined ? null : { id };
}

/** @throws what is no failure of AWS but a mistake of ours. */
function unknownImages(thrown: unknown): UnknownKind {
  if (!(thrown instanceof AppError)) throw thrown;
  const isDenied = thrown.code === "denied";
  const lines = Object.values(MACHINE_IMAGE_PERMISSIONS).map(statementOf);
  return {
    kind: "machine images",
    reason: isDenied ? "denied" : "failed",
    rbacLine: isDenied ? lines.join(", ") : null,
    message: thrown.message,
  };
}
