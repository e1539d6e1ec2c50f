import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type {
  ReportFormat,
  ReportKind,
  ReportPage,
  ReportPreview,
  ReportView,
} from "#lib/services/reports/report-view.ts";
import type { TrailSearch } from "#lib/services/trail/search/trail-search.ts";
import { fetchJson, sendJson } from "#app/_queries/fetch-json.ts";

const REPORTS_KEY = ["reports"];
const POLL_MS = 1_000;

/** What is asked for, as the API takes it. */
export type ReportDraft = {
  kind: ReportKind;
  asOf: string | null;
  from: string | null;
  to: string | null;
  frameworkId: string | null;
  teams: string[];
  formats: ReportFormat[];
};

/** A search of the audit trail, in every format that it has. */
export type TrailReportDraft = { kind: "trail"; trail: TrailSearch; asOf: string | null };

/** Reports, the newest first; asked again while one of them is being made. */
export function useReports(first: ReportPage) {
  return useQuery({
    queryKey: REPORTS_KEY,
    initialData: first,
    refetchInterval: ({ state }) => ((state.data?.rows ?? []).some(isUnderWay) ? POLL_MS : false),
    queryFn: ({ signal }) => fetchJson<ReportPage>("/api/v1/reports", signal),
  });
}

/** The newest reports that are ready, whose bundles can be taken. */
export function useReadyReports() {
  return useQuery({
    queryKey: [...REPORTS_KEY, "ready"],
    queryFn: async ({ signal }) => {
      const { rows } = await fetchJson<ReportPage>("/api/v1/reports", signal);
      return rows.filter(({ state }) => state === "ready");
    },
  });
}

/** One report, asked for again while it is being made. @param first as it was when it was asked for; null = none was. */
export function useReport(first: ReportView | null) {
  return useQuery({
    queryKey: [...REPORTS_KEY, first?.id],
    enabled: first !== null,
    queryFn: ({ signal }): Promise<ReportView> => fetchJson(`/api/v1/reports/${first?.id ?? ""}`, signal),
    refetchInterval: ({ state }) => (state.data === undefined || isUnderWay(state.data) ? POLL_MS : false),
  });
}

export function isUnderWay({ state }: ReportView): boolean {
  return state === "queued" || state === "running";
}

export function usePreview() {
  return useMutation({
    mutationFn: (draft: ReportDraft) => sendJson<ReportPreview>("POST", "/api/v1/reports/preview", draft),
  });
}

export function useRequestReport() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (draft: ReportDraft | TrailReportDraft) => sendJson<ReportView>("POST", "/api/v1/reports", draft),
    onSuccess: () => client.invalidateQueries({ queryKey: REPORTS_KEY }),
  });
}
