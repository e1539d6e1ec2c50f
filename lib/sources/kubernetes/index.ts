export { checkKubernetes } from "#lib/sources/kubernetes/check.ts";
export { planKubernetes } from "#lib/sources/kubernetes/plan.ts";
export { readClusters, type ClusterReading } from "#lib/sources/kubernetes/read-clusters.ts";
export { kubernetesSpec, type KubernetesSpec } from "#lib/sources/kubernetes/spec.ts";
export { EVIDENCE_KINDS, KINDS, nameOf } from "#lib/sources/kubernetes/kinds.ts";
