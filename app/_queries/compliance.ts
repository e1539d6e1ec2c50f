import { useMutation, useQuery } from "@tanstack/react-query";
import type { WaiverScope } from "#lib/domain/posture/waiver.ts";
import type { PostureOption, PostureOptionKind } from "#lib/services/posture/posture-option-view.ts";
import { fetchJson, sendForm, sendJson } from "#app/_queries/fetch-json.ts";

type WaiverRequest = { ruleKey: string; scope: { kind: WaiverScope; key: string }; reason: string; endsAt: string };
type WaiverDecision = { id: number; decision: "approved" | "refused"; note: string | null };

/** What compliance can be narrowed by, read when somebody opens the filter. */
export function usePostureOptions(kind: PostureOptionKind, asOf: string | null, isEnabled: boolean) {
  return useQuery({
    queryKey: ["posture", "options", kind, asOf],
    enabled: isEnabled,
    staleTime: 60_000,
    queryFn: ({ signal }) => {
      const params = new URLSearchParams({ kind, ...(asOf === null ? {} : { asOf }) });
      return fetchJson<PostureOption[]>(`/api/v1/posture/options?${params.toString()}`, signal);
    },
  });
}

export function useRequestWaiver() {
  return useMutation({
    mutationFn: (input: WaiverRequest) => sendJson<{ id: number }>("POST", "/api/v1/waivers", input),
  });
}

export function useDecideWaiver() {
  return useMutation({
    mutationFn: ({ id, ...decision }: WaiverDecision) =>
      sendJson<object>("POST", `/api/v1/waivers/${id}/decision`, decision),
  });
}

export function useEndWaiver() {
  return useMutation({ mutationFn: (id: number) => sendJson<object>("DELETE", `/api/v1/waivers/${id}`) });
}

export function useAddManualEvidence() {
  return useMutation({
    mutationFn: (form: FormData) => sendForm<{ id: number; sha256: string }>("/api/v1/manual-evidence", form),
  });
}

export function useWithdrawManualEvidence() {
  return useMutation({ mutationFn: (id: number) => sendJson<object>("DELETE", `/api/v1/manual-evidence/${id}`) });
}
