import Link from "next/link";
import { ChevronDown, ChevronRight, Hand } from "lucide-react";
import { toHeatMap, type HeatCell, type HeatColumn, type HeatGroup, type HeatRow } from "#lib/charts/heat-map.ts";
import { formatCount } from "#lib/domain/format.ts";
import type { PostureControlView, PostureView } from "#lib/services/posture/posture-view.ts";
import { GridKeys } from "#app/(dashboard)/compliance/_components/grid-keys.tsx";
import { Mark, MarkShapes } from "#app/(dashboard)/compliance/_components/mark.tsx";
import {
  atInstant,
  complianceHref,
  controlHref,
  FACET_OF_COLUMN,
  type ComplianceState,
} from "#app/(dashboard)/compliance/compliance-state.ts";
import { COLUMN_LABELS, columnLabel, countsWords } from "#app/(dashboard)/compliance/compliance-words.ts";

/** Columns beyond these are summed in a last one. */
const MOST_COLUMNS = 26;
/** A framework with more controls begins with its groups only. */
const MOST_ROWS_OPEN = 70;

type HeatMapProps = { view: PostureView; state: ComplianceState };
type Row = HeatRow<PostureControlView>;

/** Controls by whoever has to meet them: how many resources fail in each cell, and what is not known. */
export function HeatMap({ view, state }: HeatMapProps) {
  const { columns, groups, hiddenColumns } = toHeatMap(view.columns, view.controls, MOST_COLUMNS);
  const isOpen = openGroups(state, groups);
  return (
    <div>
      <MarkShapes />
      <div className="mb-2 flex flex-wrap items-center justify-between gap-x-6 gap-y-1">
        <Legend />
        <p className="flex gap-4 text-xs print:hidden">
          <Link href={complianceHref({ ...state, open: "all" })} scroll={false} prefetch={false} className="link">
            Open every group
          </Link>
          <Link href={complianceHref({ ...state, open: "none" })} scroll={false} prefetch={false} className="link">
            Groups only
          </Link>
        </p>
      </div>
      <GridKeys
        label={`Controls of ${view.framework.name} by ${COLUMN_LABELS[view.columnsBy].toLowerCase()}`}
        className="heat-frame"
      >
        <table className="heat" data-rows="many">
          <caption className="sr-only">
            Failing resources of each control by {COLUMN_LABELS[view.columnsBy].toLowerCase()}
          </caption>
          <Head columns={columns} view={view} state={state} />
          {groups.map((group, index) => (
            <Group
              key={group.name}
              group={group}
              index={index}
              isOpen={isOpen(index)}
              columns={columns}
              view={view}
              state={state}
              toggle={complianceHref({ ...state, open: toggled(groups.length, isOpen, index) })}
            />
          ))}
        </table>
      </GridKeys>
      {hiddenColumns === 0 ? null : (
        <p className="mt-1 text-xs text-soft">
          The {MOST_COLUMNS - 1} with the most failures have a column of their own; {formatCount(hiddenColumns)} others
          are summed in the last. Narrow the question to see them.
        </p>
      )}
    </div>
  );
}

function Legend() {
  return (
    <ul aria-label="How cells are marked" className="flex flex-wrap items-center gap-x-4 gap-y-1 text-xs text-soft">
      <li className="flex items-center gap-1.5">
        <span className="heat-key heat-fail-3">7</span> resources that fail, darker for more
      </li>
      <li className="flex items-center gap-1.5">
        <span className="heat-key heat-waived">2</span> all of them waived
      </li>
      <li className="flex items-center gap-1.5">
        <span className="heat-key heat-unknown">?</span> unknown
      </li>
      <li className="flex items-center gap-1.5">
        <span className="heat-key heat-not-evaluated" /> not evaluated in time
      </li>
      <li className="flex items-center gap-1.5">
        <Mark mark="pass" /> all pass
      </li>
      <li className="flex items-center gap-1.5">
        <span className="heat-none">·</span> nothing to evaluate
      </li>
      <li className="flex items-center gap-1.5">
        <Hand size={12} aria-hidden /> shown by hand
      </li>
    </ul>
  );
}

function openGroups(
  state: ComplianceState,
  groups: readonly HeatGroup<PostureControlView>[],
): (index: number) => boolean {
  const { open } = state;
  if (open === "all") return () => true;
  if (open === "none") return () => false;
  if (open !== null) return (index) => open.includes(index);
  // As many groups as fit, those with open failures first.
  const rows = groups.reduce((sum, group) => sum + group.rows.length, 0);
  if (rows <= MOST_ROWS_OPEN) return () => true;
  let left = MOST_ROWS_OPEN;
  const chosen = new Set<number>();
  const byFailing = groups
    .map((group, index) => ({ index, size: group.rows.length, failing: group.total.failing }))
    .filter(({ failing }) => failing > 0)
    .toSorted((a, b) => b.failing - a.failing || a.index - b.index);
  for (const { index, size } of byFailing) {
    if (size > left) continue;
    left -= size;
    chosen.add(index);
  }
  return (index) => chosen.has(index);
}

function toggled(count: number, isOpen: (index: number) => boolean, index: number): ComplianceState["open"] {
  const open = Array.from({ length: count }, (_, one) => one).filter((one) =>
    one === index ? !isOpen(one) : isOpen(one),
  );
  return open.length === 0 ? "none" : open;
}

function Head({ columns, view, state }: HeatMapProps & { columns: HeatColumn[] }) {
  return (
    <thead>
      <tr>
        <th scope="col" className="heat-name">
          <span className="text-xs font-medium text-soft">Control</span>
        </th>
        <th scope="col" className="heat-all">
          All
        </th>
        {columns.map((column) => (
          <th key={column.key ?? "rest"} scope="col" className="heat-column" title={columnTitle(view, column)}>
            {column.key === null ? (
              <span>{column.label}</span>
            ) : (
              <a href={columnHref(state, view, column.key)}>
                <span>{columnLabel(view.columnsBy, column)}</span>
              </a>
            )}
          </th>
        ))}
      </tr>
    </thead>
  );
}

function columnTitle({ columnsBy }: PostureView, column: HeatColumn): string {
  return `${columnLabel(columnsBy, column)}: ${countsWords(column.total)}`;
}

/** A team has a page of its own; anything else narrows the map. */
function columnHref(state: ComplianceState, { columnsBy }: PostureView, key: string): string {
  if (columnsBy === "team" && key !== "")
    return complianceHref({ ...atInstant(state), open: null }, `/compliance/team/${encodeURIComponent(key)}`);
  return complianceHref({ ...state, filters: { ...state.filters, [FACET_OF_COLUMN[columnsBy]]: [key] } });
}

type GroupProps = HeatMapProps & {
  group: HeatGroup<PostureControlView>;
  index: number;
  isOpen: boolean;
  columns: HeatColumn[];
  toggle: string;
};

function Group({ group, index, isOpen, columns, view, state, toggle }: GroupProps) {
  const Icon = isOpen ? ChevronDown : ChevronRight;
  return (
    <tbody id={`group-${index}`}>
      <tr className="heat-group">
        <th scope="rowgroup" className="heat-name">
          <Link
            href={toggle}
            scroll={false}
            prefetch={false}
            aria-expanded={isOpen}
            className="flex min-h-7 items-center gap-1 font-medium"
          >
            <Icon size={14} aria-hidden className="shrink-0 text-soft" />
            <span className="truncate" title={group.name}>
              {group.name}
            </span>
            <span className="ml-auto pl-2 text-xs font-normal whitespace-nowrap text-soft">{group.rows.length}</span>
          </Link>
        </th>
        <GroupCell standing={group.total} of={group.rows.length} />
        {group.cells.map((standing, position) => (
          <GroupCell key={columns[position]?.key ?? "rest"} standing={standing} of={group.rows.length} />
        ))}
      </tr>
      {isOpen
        ? group.rows.map((row) => (
            <ControlRow key={row.control.id} row={row} columns={columns} view={view} state={state} />
          ))
        : null}
    </tbody>
  );
}

/** Controls, not resources: one rule may speak for several of them. */
function GroupCell({ standing: { failing, evaluated } }: { standing: HeatGroup<unknown>["total"]; of: number }) {
  if (evaluated === 0) return <td className="heat-none">·</td>;
  return (
    <td title={`${failing} of ${evaluated} evaluated controls have failures`}>
      {failing === 0 ? (
        <span className="sr-only">none of {evaluated} fails</span>
      ) : (
        <>
          <span className="font-medium text-wrong">{failing}</span>
          <span className="text-soft">/{evaluated}</span>
        </>
      )}
    </td>
  );
}

function ControlRow({ row, columns, view, state }: HeatMapProps & { row: Row; columns: HeatColumn[] }) {
  const { control } = row;
  const href = controlHref(atInstant(state), view.framework.id, control.id);
  return (
    <tr>
      <th scope="row" className="heat-name heat-control">
        <a href={href} title={`${control.id} ${control.title}`}>
          <span className="text-soft">{control.id}</span> {control.title}
        </a>
        {control.manual === null ? null : (
          <span className="heat-hand" title={manualTitle(control)}>
            <Hand size={12} aria-hidden />
            <span className="sr-only">{manualTitle(control)}</span>
          </span>
        )}
      </th>
      {control.isWithoutRules ? (
        <td colSpan={columns.length + 1} className="heat-manual">
          <a href={href}>
            {control.manual === null ? (
              <>
                <span className="heat-key heat-not-evaluated" aria-hidden /> not evaluated: no source reports its rules
              </>
            ) : (
              manualWords(control)
            )}
          </a>
        </td>
      ) : (
        <>
          <Cell cell={row.total} href={href} words={`${control.id}, all`} isAll />
          {row.cells.map((cell, index) => {
            const column = columns[index];
            const key = column?.key ?? null;
            return (
              <Cell
                key={key ?? "rest"}
                cell={cell}
                href={
                  key === null
                    ? href
                    : controlHref(
                        atInstant({
                          ...state,
                          filters: { ...state.filters, [FACET_OF_COLUMN[view.columnsBy]]: [key] },
                        }),
                        view.framework.id,
                        control.id,
                      )
                }
                words={`${control.id}, ${column === undefined ? "" : columnLabel(view.columnsBy, column)}`}
              />
            );
          })}
        </>
      )}
    </tr>
  );
}

function manualWords({ manualEvidence }: PostureControlView): string {
  if (manualEvidence === 0) return "by hand: nothing shown yet";
  return `by hand: ${formatCount(manualEvidence)} valid ${manualEvidence === 1 ? "piece" : "pieces"} of evidence`;
}

function manualTitle(control: PostureControlView): string {
  return `Part of it is shown by hand. ${control.manualEvidence === 0 ? "Nothing shown yet." : manualWords(control)}`;
}

/** A cell that holds what somebody should look at is a way down; one where all is well only says so. */
function Cell({ cell, href, words, isAll }: { cell: HeatCell; href: string; words: string; isAll?: boolean }) {
  const { counts, mark, level } = cell;
  if (counts === null || mark === "none") return <td className={isAll ? "heat-all heat-none" : "heat-none"}>·</td>;
  const title = `${words}: ${countsWords(counts)}`;
  if (mark === "pass" || mark === "not-applicable")
    return (
      <td title={title} className={isAll ? "heat-all" : undefined}>
        <svg role="img" aria-label={mark === "pass" ? "all pass" : "does not apply"} className="heat-mark">
          <use href={`#mark-${mark}`} />
        </svg>
      </td>
    );
  return (
    <td className={isAll ? "heat-all" : undefined}>
      <a
        href={href}
        title={title}
        aria-label={title}
        className={mark === "fail" ? `heat-fail-${level}` : `heat-${mark}`}
      >
        {cellText(cell)}
        {mark === "fail" && counts.unknown + counts.notEvaluated > 0 ? (
          <i className={counts.notEvaluated > 0 ? "heat-corner heat-corner-gap" : "heat-corner"} />
        ) : null}
      </a>
    </td>
  );
}

function cellText({ counts, mark }: HeatCell): string {
  if (counts === null) return "";
  if (mark === "fail") return short(counts.fail);
  if (mark === "waived") return short(counts.waived);
  if (mark === "unknown") return "?";
  return "";
}

/** Three digits fit: "1.2k" beyond; the whole number stands in the title. */
function short(count: number): string {
  if (count < 1_000) return String(count);
  return count < 10_000 ? `${(Math.floor(count / 100) / 10).toFixed(1)}k` : `${Math.floor(count / 1_000)}k`;
}
