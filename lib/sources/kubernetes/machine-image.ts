import type { NodeItem } from "#lib/sources/cluster-inventory.ts";

/** EKS names the image of a managed node group's nodes by its id. */
const EKS_IMAGE = "eks.amazonaws.com/nodegroup-image";
/** AKS by a version that is a day: "AKSUbuntu-2204gen2containerd-202510.03.0". */
const AKS_IMAGE = "kubernetes.azure.com/node-image-version";
const AKS_DAY = /-(20\d{2})(0[1-9]|1[0-2])\.(\d{1,2})\.\d+$/;
/** Distributions that are released by the day write it at the end: "Amazon Linux 2023.9.20251014". */
const RELEASE_DAY = /\b(20\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])$/;

/** What image a node was made from and when that was made, as far as its labels and its operating system tell. */
export function machineImageOf(
  labels: Readonly<Record<string, string>>,
  osImage: string | null,
): Pick<NodeItem, "machineImageId" | "machineImageCreatedAt"> {
  const azure = labels[AKS_IMAGE];
  const found = AKS_DAY.exec(azure ?? "") ?? RELEASE_DAY.exec(osImage ?? "");
  return {
    machineImageId: labels[EKS_IMAGE] ?? azure ?? null,
    machineImageCreatedAt: found ? dayOf(found) : null,
  };
}

function dayOf([, year, month, day = ""]: RegExpExecArray): Date | null {
  const date = new Date(`${year}-${month}-${day.padStart(2, "0")}T00:00:00Z`);
  return Number.isNaN(date.getTime()) ? null : date;
}
