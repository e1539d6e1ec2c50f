import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { SharedPool } from "#lib/domain/allocation/rule.ts";
import type { TeamView } from "#lib/services/directory/team-view.ts";
import type { PeriodView } from "#lib/services/periods/period-view.ts";
import type { PoolView, RuleDraft, RulePreview, RuleView } from "#lib/services/rules/rule-view.ts";
import { fetchJson, sendJson } from "#app/_queries/fetch-json.ts";

const PREVIEW_AFTER_MS = 400;

type Started = { runIds: string[] };

export function useRules(first: RuleView[]) {
  return useQuery({
    queryKey: ["rules"],
    initialData: first,
    queryFn: ({ signal }) => fetchJson<RuleView[]>("/api/v1/rules", signal),
  });
}

export function usePools(first?: PoolView[]) {
  return useQuery({
    queryKey: ["pools"],
    initialData: first,
    queryFn: ({ signal }) => fetchJson<PoolView[]>("/api/v1/pools", signal),
  });
}

export function usePeriods(first: PeriodView[]) {
  return useQuery({
    queryKey: ["periods"],
    initialData: first,
    queryFn: ({ signal }) => fetchJson<PeriodView[]>("/api/v1/periods", signal),
  });
}

export function useTeams() {
  return useQuery({
    queryKey: ["teams"],
    staleTime: 300_000,
    queryFn: ({ signal }) => fetchJson<TeamView[]>("/api/v1/teams", signal),
  });
}

/** What saving a draft would move; null while the draft is not complete. Asked once typing rests. */
export function useRulePreview(draft: RuleDraft | null) {
  const text = draft === null ? null : JSON.stringify(draft);
  const rested = useRested(text);
  return useQuery({
    queryKey: ["rule-preview", rested],
    enabled: rested !== null && rested === text,
    retry: false,
    queryFn: () => sendJson<RulePreview>("POST", "/api/v1/rules/preview", JSON.parse(rested ?? "null") as RuleDraft),
  });
}

export function useSaveRule() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (draft: RuleDraft) => sendJson<Started & { ruleId: string }>("POST", "/api/v1/rules", draft),
    onSuccess: refresh,
  });
}

export function useRemoveRule() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (ruleId: string) => sendJson<Started>("DELETE", `/api/v1/rules/${encodeURIComponent(ruleId)}`),
    onSuccess: refresh,
  });
}

/** `position` 0 = tried first. */
export function useMoveRule() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: ({ ruleId, position }: { ruleId: string; position: number }) =>
      sendJson<Started>("POST", `/api/v1/rules/${encodeURIComponent(ruleId)}/move`, { position }),
    onSuccess: refresh,
  });
}

export function useSavePool() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (pool: SharedPool) => sendJson<Started>("POST", "/api/v1/pools", pool),
    onSuccess: refresh,
  });
}

export function useRemovePool() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (key: string) => sendJson<Started>("DELETE", `/api/v1/pools/${encodeURIComponent(key)}`),
    onSuccess: refresh,
  });
}

export function useSetPeriod() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: ({ period, verb }: { period: string; verb: "close" | "reopen" }) =>
      sendJson<Partial<Started>>("POST", `/api/v1/periods/${period}/${verb}`),
    onSuccess: refresh,
  });
}

function useRefresh(): () => Promise<void> {
  const client = useQueryClient();
  return async () => {
    await Promise.all(["rules", "pools", "periods"].map((key) => client.invalidateQueries({ queryKey: [key] })));
  };
}

function useRested(text: string | null): string | null {
  const [rested, setRested] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setRested(text), PREVIEW_AFTER_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return rested;
}
