import { KubeConfig } from "@kubernetes/client-node";
import { resolve } from "node:path";
import { AppError } from "#lib/errors.ts";
import { openAwsClients } from "#lib/sources/aws/client.ts";
import type { RequestGate } from "#lib/sources/aws/request-gate.ts";
import { eksAddress } from "#lib/sources/kubernetes/eks-address.ts";
import { eksTokens } from "#lib/sources/kubernetes/eks-token.ts";
import type { ClusterAccess } from "#lib/sources/kubernetes/spec.ts";

/** How one cluster is reached. `bearer` is a token that is asked for anew, null where the configuration has what it takes. */
export type OpenedAccess = {
  config: KubeConfig;
  server: string;
  bearer: (() => Promise<string>) | null;
  close(): void;
};

/**
 * The way to one cluster, with a configuration of its own: the client remembers what it was given by the user's name, and several
 * files call their user alike, so that each user is called after its cluster.
 *
 * @throws AppError "invalid_config" where the kubeconfig or its context is not there, "denied" where the role may not be assumed.
 */
export async function openAccess(access: ClusterAccess, gate: RequestGate, signal: AbortSignal): Promise<OpenedAccess> {
  if (access.eks !== undefined) return openEks(access.key, access.eks, gate, signal);
  const loaded = access.inCluster === true ? loadInCluster() : loadFile(access.kubeconfig ?? "", access.context);
  const cluster = loaded.getCurrentCluster();
  const user = loaded.getCurrentUser();
  if (cluster === null || user === null)
    throw new AppError(
      "invalid_config",
      `The context of the cluster ${access.key} names a cluster or user that is not there.`,
      {
        remedy: `Check the context ${loaded.getCurrentContext()} of the kubeconfig.`,
      },
    );
  const config = new KubeConfig();
  config.loadFromClusterAndUser({ ...cluster, name: access.key }, { ...user, name: `bursar:${access.key}` });
  return { config, server: cluster.server.replace(/\/+$/, ""), bearer: null, close: () => {} };
}

/** By tokens of a role, at the address that the settings give or, without one, that EKS tells. */
async function openEks(
  key: string,
  eks: NonNullable<ClusterAccess["eks"]>,
  gate: RequestGate,
  signal: AbortSignal,
): Promise<OpenedAccess> {
  const clients = await openAwsClients(eks, gate, signal);
  try {
    const { server, certificateAuthority } = await eksAddress(eks, clients);
    const config = new KubeConfig();
    const cluster = { name: key, server, skipTLSVerify: false };
    config.loadFromClusterAndUser(
      certificateAuthority === undefined ? cluster : { ...cluster, caData: certificateAuthority },
      { name: `bursar:${key}` },
    );
    return { config, server, bearer: eksTokens(eks, clients), close: () => clients.close() };
  } catch (thrown) {
    clients.close();
    throw thrown;
  }
}

function loadInCluster(): KubeConfig {
  if (!process.env["KUBERNETES_SERVICE_HOST"])
    throw new AppError("invalid_config", "Bursar does not run in a cluster, so that inCluster leads nowhere.", {
      remedy: "Give the cluster a kubeconfig.",
    });
  const config = new KubeConfig();
  config.loadFromCluster();
  return config;
}

function loadFile(path: string, context: string | undefined): KubeConfig {
  const file = resolve(path);
  const config = new KubeConfig();
  try {
    config.loadFromFile(file, { onInvalidEntry: "throw" });
  } catch (thrown) {
    // The message of a YAML error quotes the line, which may hold a token.
    throw new AppError("invalid_config", `The kubeconfig ${file} cannot be read.`, {
      remedy: "Check that the file is there, that Bursar may read it, and that kubectl accepts it.",
      place: { file },
      cause: thrown,
    });
  }
  if (context === undefined) return config;
  if (config.getContextObject(context) === null)
    throw new AppError("invalid_config", `The kubeconfig ${file} has no context ${context}.`, { place: { file } });
  config.setCurrentContext(context);
  return config;
}
