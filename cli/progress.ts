import type { ProgressListener } from "#lib/sources/source.ts";

type Progress = Parameters<ProgressListener>[0];

const BAR_WIDTH = 24;
/** Without a terminal, a line for each new step and each tenth of it is enough to follow a log. */
const STEPS_IN_LOG = 10;

/** Shows how far things are, on stderr: a bar that is drawn over itself on a terminal, plain lines elsewhere, nothing for machines. */
export function openProgress(options: { quiet: boolean }): {
  show(label: string, progress: Progress): void;
  clear(): void;
} {
  if (options.quiet) return { show: () => undefined, clear: () => undefined };
  return process.stderr.isTTY ? terminalProgress() : logProgress();
}

function terminalProgress() {
  return {
    show(label: string, progress: Progress): void {
      const line = `${label}  ${bar(progress)}  ${describe(progress)}`;
      process.stderr.write(`\r\u001b[2K${line.slice(0, (process.stderr.columns ?? 80) - 1)}`);
    },
    clear: () => void process.stderr.write("\r\u001b[2K"),
  };
}

function logProgress() {
  let shown = "";
  return {
    show(label: string, progress: Progress): void {
      const part = Math.floor(shareOf(progress) * STEPS_IN_LOG);
      const mark = `${label} ${progress.step} ${part}`;
      if (mark === shown) return;
      shown = mark;
      process.stderr.write(`${label}: ${describe(progress)}\n`);
    },
    clear: () => undefined,
  };
}

function bar(progress: Progress): string {
  const filled = Math.round(shareOf(progress) * BAR_WIDTH);
  return `[${"#".repeat(filled)}${" ".repeat(BAR_WIDTH - filled)}]`;
}

function describe({ step, done, total, unit }: Progress): string {
  return total > 0 ? `${step}, ${done} of ${total} ${unit}` : step;
}

function shareOf({ done, total }: Progress): number {
  return total > 0 ? Math.min(1, done / total) : 0;
}
