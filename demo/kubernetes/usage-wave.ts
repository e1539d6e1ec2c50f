import { createHash } from "node:crypto";

const DAY_SECONDS = 86_400;
const WEEK_SECONDS = 7 * DAY_SECONDS;
const DAILY_SWING = 0.4;
const WEEKLY_SWING = 0.15;
const MEMORY_SWING = 0.08;

/**
 * How use rises and falls around its average, by the day and by the week, in closed form: the counter of a
 * Prometheus metric is the integral of its rate, so that any rate over any range agrees with any other.
 */
export type UsageWave = {
  /** Around 1, always above 0. */
  cpuFactor(seconds: number): number;
  /** Integral of cpuFactor since 1970, in seconds. */
  cpuIntegral(seconds: number): number;
  memoryFactor(seconds: number): number;
};

/** The same name has the same wave. */
export function waveOf(name: string): UsageWave {
  const digest = createHash("sha256").update(name).digest();
  // Most are busiest in the afternoon, each a bit earlier or later.
  const day = -2.4 + digest.readUInt16LE(0) / 65_536;
  const week = (digest.readUInt16LE(2) / 65_536) * 2 * Math.PI;
  const daily = (2 * Math.PI) / DAY_SECONDS;
  const weekly = (2 * Math.PI) / WEEK_SECONDS;
  return {
    cpuFactor: (seconds) =>
      1 + DAILY_SWING * Math.sin(daily * seconds + day) + WEEKLY_SWING * Math.sin(weekly * seconds + week),
    cpuIntegral: (seconds) =>
      seconds -
      (DAILY_SWING / daily) * Math.cos(daily * seconds + day) -
      (WEEKLY_SWING / weekly) * Math.cos(weekly * seconds + week),
    memoryFactor: (seconds) => 1 + MEMORY_SWING * Math.sin(daily * seconds + day + 0.7),
  };
}
