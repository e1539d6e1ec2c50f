import { mkdtemp, mkdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkBaseline, planBaseline, readBaseline } from "#lib/sources/baseline/index.ts";
import { baselineSpec } from "#lib/sources/baseline/spec.ts";
import type { EvaluationItem } from "#lib/sources/evaluation-reading.ts";

const NOW = new Date("2026-11-28T12:00:00Z");
let folder: string;

const XCCDF = `<?xml version="1.0" encoding="UTF-8"?>
<c:Benchmark xmlns:c="http://checklists.nist.gov/xccdf/1.2" id="xccdf_org.example_benchmark_hosts">
  <c:Group id="xccdf_org.example_group_ssh">
    <c:Rule id="xccdf_org.example_rule_no_root_login" severity="high"><c:title>Root does not sign in by SSH &amp; friends</c:title></c:Rule>
  </c:Group>
  <c:TestResult id="xccdf_org.example_testresult_1" start-time="2026-11-27T01:00:00" end-time="2026-11-27T01:02:00">
    <c:target>app-01</c:target>
    <c:rule-result idref="xccdf_org.example_rule_no_root_login" severity="high" time="2026-11-27T01:01:00+01:00"><c:result>fail</c:result><c:message severity="info">PermitRootLogin is yes.</c:message></c:rule-result>
    <c:rule-result idref="xccdf_org.example_rule_fixed"><c:result>fixed</c:result></c:rule-result>
    <c:rule-result idref="xccdf_org.example_rule_ipv6"><c:result>notapplicable</c:result></c:rule-result>
    <c:rule-result idref="xccdf_org.example_rule_unreadable"><c:result>error</c:result></c:rule-result>
    <c:rule-result idref="xccdf_org.example_rule_off"><c:result>notselected</c:result></c:rule-result>
  </c:TestResult>
</c:Benchmark>`;
const INSPEC = {
  platform: { name: "ubuntu", release: "24.04", target_id: null },
  profiles: [
    {
      name: "linux-base",
      controls: [
        {
          id: "os-01",
          title: "Files of root",
          impact: 0.7,
          results: [
            { status: "passed", code_desc: "owner", start_time: "2026-11-26T02:00:00+00:00" },
            { status: "failed", code_desc: "mode", message: "expected 0600", start_time: "2026-11-26T02:00:01+00:00" },
          ],
        },
        { id: "os-02", title: "Skipped", impact: 1, results: [{ status: "skipped", skip_message: "No permission" }] },
        { id: "os-03", title: "Off", impact: 0, results: [{ status: "skipped", skip_message: "Not here" }] },
      ],
    },
  ],
};
const task = (name: string, hosts: object) => ({ task: { name, duration: { end: "2026-11-25T03:00:00.5Z" } }, hosts });
const ANSIBLE = {
  plays: [
    {
      play: { name: "Hardening" },
      tasks: [
        task("Gathering Facts", { "app-01": { action: "ansible.builtin.gather_facts", changed: false } }),
        task("SSH is configured", {
          "app-01": { action: "template", changed: true, invocation: { module_args: { password: "hidden" } } },
          "app-02": { action: "template", changed: false },
          "app-03": { unreachable: true, changed: false, msg: "timed out" },
          "app-04": { skipped: true, changed: false },
          "app-05": { failed: true, changed: false },
        }),
      ],
    },
  ],
  stats: {},
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bursar-baseline-"));
  const put = async (name: string, content: string) => {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  };
  await put("scap/app-01.xml", XCCDF);
  await put("inspec/app-02.json", JSON.stringify(INSPEC));
  await put("ansible/run.json", JSON.stringify(ANSIBLE));
  await put("broken/a.xml", XCCDF.slice(0, 500));
  await put("entities/a.xml", `<!DOCTYPE a [<!ENTITY x "y">]>${XCCDF}`);
  await put("strange/a.json", "{}");
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function read(part: string, settings: object = {}): Promise<EvaluationItem[]> {
  const spec = baselineSpec.parse({ kind: "baseline", path: folder, ...settings });
  const slice = (await planBaseline(spec)).find(({ period }) => period === part);
  if (!slice) throw new Error(`there is no ${part}`);
  const items: EvaluationItem[] = [];
  for await (const batch of (await readBaseline(spec, slice, NOW)).items) items.push(...batch);
  return items;
}

const said = (items: readonly EvaluationItem[]) =>
  items.map(({ ruleKey, resource, verdict }) => [ruleKey, resource.key, verdict]);

test("XCCDF results are of their target; what was not checked is unknown and what nobody asked for is left out", async () => {
  const items = await read("scap");
  expect(said(items)).toEqual([
    ["baseline:no_root_login", "app-01", "fail"],
    ["baseline:fixed", "app-01", "pass"],
    ["baseline:ipv6", "app-01", "not_applicable"],
    ["baseline:unreadable", "app-01", "unknown"],
  ]);
  expect(items[0]).toMatchObject({ note: "PermitRootLogin is yes.", resource: { kind: "Host" } });
});

test("the rules of a benchmark have its words", async () => {
  const spec = baselineSpec.parse({ kind: "baseline", path: join(folder, "scap") });
  const [slice] = await planBaseline(spec);
  const reading = slice && (await readBaseline(spec, slice, NOW));
  expect(reading?.rules[0]).toMatchObject({ title: "Root does not sign in by SSH & friends", severity: "high" });
});

test("a control of InSpec fails with one of its results, is unknown where it was skipped, and off where it has no impact", async () => {
  expect(said(await read("inspec"))).toEqual([
    ["baseline:linux-base/os-01", "app-02", "fail"],
    ["baseline:linux-base/os-02", "app-02", "unknown"],
    ["baseline:linux-base/os-03", "app-02", "not_applicable"],
  ]);
});

test.each([
  [{}, "fail"],
  [{ changedTask: "pass" }, "pass"],
])(
  "a task of Ansible that changed something is what the settings %o say, and module arguments are not kept",
  async (settings, changed) => {
    const items = await read("ansible", settings);
    expect(said(items)).toEqual(
      [changed, "pass", "unknown", "not_applicable", "fail"].map((verdict, index) => [
        "baseline:ansible/ssh-is-configured",
        `app-0${index + 1}`,
        verdict,
      ]),
    );
    expect(JSON.stringify(items)).not.toContain("hidden");
  },
);

test("results that are too old are unknown", async () => {
  expect((await read("inspec", { maxAgeDays: 1 })).map(({ verdict }) => verdict)).not.toContain("fail");
});

test.each(["broken", "entities", "strange"])("a file in %s is refused by name", async (part) => {
  await expect(read(part)).rejects.toMatchObject({ code: "bad_data", place: { file: expect.stringContaining(part) } });
  const [checked] = await checkBaseline(baselineSpec.parse({ kind: "baseline", path: join(folder, part) }), NOW);
  expect(checked?.ok).toBe(false);
});
