import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { addDays } from "#lib/domain/period.ts";
import { SHORT_LIVED, shortLivedCluster } from "#demo/estate/audit-events.ts";
import type { Estate } from "#demo/estate/estate.ts";
import { uuidOf } from "#demo/estate/random.ts";
import { TRAIL_PLANTS } from "#demo/estate/trail-plants.ts";

/** What Argo CD calls the cluster that it runs in. */
const ARGO_CD_SERVER = "https://kubernetes.default.svc";

/** Who asked for what may be changed, and what machines changed it: the files that `changeSourcesOf` names. */
export async function writeChangeTrails(folder: string, estate: Estate): Promise<void> {
  await mkdir(folder, { recursive: true });
  const write = (name: string, content: object) => writeFile(join(folder, name), JSON.stringify(content));
  await write("changes.json", { result: changesOf(estate) });
  await write("applications.json", { kind: "List", items: [applicationOf(estate)] });
  await write("applies.json", { data: [applyOf(estate)] });
}

/** How whoever runs ServiceNow, Argo CD and Atlantis would configure them. */
export function changeSourcesOf(folder: string, estate: Estate): Record<string, object> {
  return {
    changes: { kind: "servicenow", title: "Changes of ServiceNow", path: `${folder}/changes.json` },
    deploys: {
      kind: "argocd",
      title: "Deploys of Argo CD",
      path: `${folder}/applications.json`,
      clusters: { [ARGO_CD_SERVER]: shortLivedCluster(estate) },
    },
    applies: { kind: "terraform", title: "Applies of Atlantis", path: `${folder}/applies.json` },
  };
}

/** One that covers who deleted the namespace that only the trail knows of, and one that is somebody else's. */
function changesOf({ calendar }: Estate): object[] {
  const day = addDays(calendar.today, -SHORT_LIVED.deletedDaysAgo);
  const change = (number: string, item: string, mail: string, fields: object) => ({
    sys_id: uuidOf("change", number).replaceAll("-", ""),
    number,
    cmdb_ci: item,
    "assigned_to.email": mail,
    approval: "approved",
    state: "-2",
    sys_updated_by: "change.board",
    ...fields,
  });
  return [
    change("CHG0030417", SHORT_LIVED.name, SHORT_LIVED.deleter, {
      start_date: `${day} 16:00:00`,
      end_date: `${day} 17:00:00`,
      sys_updated_on: `${addDays(day, -1)} 13:22:41`,
    }),
    change("CHG0030422", "mail-gateway", SHORT_LIVED.maker, {
      start_date: `${day} 15:30:00`,
      end_date: `${day} 18:00:00`,
      sys_updated_on: `${addDays(day, -1)} 14:05:10`,
    }),
  ];
}

/** The application that was deployed into that namespace, and removed from it. */
function applicationOf({ calendar }: Estate): object {
  const { name, maker, deleter, madeDaysAgo, deletedDaysAgo } = SHORT_LIVED;
  const deployment = (id: number, days: number, time: string, username: string) => ({
    id,
    deployedAt: `${addDays(calendar.today, -days)}T${time}Z`,
    initiatedBy: { username },
  });
  return {
    kind: "Application",
    metadata: { name, namespace: "argocd", uid: uuidOf("application", name) },
    spec: { destination: { server: ARGO_CD_SERVER, namespace: name } },
    status: {
      history: [deployment(1, madeDaysAgo, "07:43:30", maker), deployment(2, deletedDaysAgo, "16:09:14", deleter)],
    },
  };
}

/** The apply that gave a role of the clusters' account more than it should have. */
function applyOf({ calendar }: Estate): object {
  const { administrator } = TRAIL_PLANTS;
  const day = addDays(calendar.today, -(administrator?.daysAgo ?? 0));
  return {
    receivedAt: `${day}T13:21:02Z`,
    Workspace: "default",
    Directory: `accounts/${administrator?.in ?? ""}`,
    Repo: { FullName: "halvern/platform" },
    Pull: { Num: 212 },
    User: { Username: SHORT_LIVED.deleter },
    Success: true,
  };
}
