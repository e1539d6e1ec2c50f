import { setTimeout as sleep } from "node:timers/promises";
import { slowDown, speedUp } from "#lib/db/api/adjust-pace.ts";
import { giveBackRequest, readMonthPrice, reserveRequests, type BillLine } from "#lib/db/api/reserve-requests.ts";
import { takeSlots, type Limiter, type Pace, type Slot } from "#lib/db/api/take-slots.ts";
import type { Database } from "#lib/db/client.ts";
import { formatDay, formatExact, formatPeriod } from "#lib/domain/format.ts";
import type { Amount } from "#lib/domain/money.ts";
import { dayOf, periodOf, rangeOf, type Day } from "#lib/domain/period.ts";
import { AppError } from "#lib/errors.ts";
import { rateOf } from "#lib/services/api/rates.ts";
import { createTogether, type Together } from "#lib/services/api/together.ts";
import type { ApiCall, RequestGate } from "#lib/sources/aws/request-gate.ts";

/** The longest that a request waits for its turn. A slot further away is not taken. */
const MAX_WAIT_MS = 120_000;
const MOST_RESERVED = 1_000;

export type GateOptions = {
  sourceKey: string;
  /** The run that asks; null for checks and listings. */
  runId: string | null;
  /** What the source's requests may cost in a calendar month (UTC); null = no cap. */
  monthlyCapUsd: Amount | null;
  /** Tells on which day a request is made, for the bill. The rate goes by the database's clock. */
  now: () => Date;
  /** Rates other than the table's. */
  rateOf?: (call: ApiCall) => Pace & { operation: string };
  maxWaitMs?: number;
};

/**
 * The gate of one source's requests. Every gate on the same database shares the rate of each account, region and API, and
 * every gate of a source its monthly cap, in whatever process it is.
 *
 * `enter` waits for a slot and then writes the request and its price to the bill. Throws AppError "throttled" where the slot would be
 * further away than two minutes, AppError "limit_reached" where the price would pass the cap, and the signal's reason where it is aborted;
 * the request must not be made then. `leave` gives the price of a throttled or failed request back. A process that dies in
 * between leaves its request on the bill: AWS may have answered it.
 */
export function createRequestGate(database: Database, options: GateOptions): RequestGate {
  const maxWaitMs = options.maxWaitMs ?? MAX_WAIT_MS;
  const passes = new Map<string, Pass[]>();
  const [slots, reservations] = [createTogether<Slot | null | undefined>(), createTogether<true | null | undefined>()];

  return {
    async enter(call, signal) {
      signal?.throwIfAborted();
      const { operation, ...pace } = (options.rateOf ?? rateOf)(call);
      const limiter: Limiter = { api: call.api, operation, account: call.account, region: call.region };
      const slot = await askTogether(slots, JSON.stringify([limiter, pace]), Math.floor(pace.burst), (count) =>
        takeSlots(database.pool, limiter, pace, { count, maxWaitMs }),
      );
      if (slot === null) throw tooSlow(call, maxWaitMs);
      await wait(slot.waitMs, signal);
      // The price is reserved last, so that nothing that was waited for in vain is on the bill.
      const line = await reserve(database, options, call, reservations);
      const key = keyOf(call);
      passes.set(key, [...(passes.get(key) ?? []), { limiter, pace, line, isSlowed: slot.pace < 1 }]);
    },

    async leave(call, outcome) {
      const [pass, ...others] = passes.get(keyOf(call)) ?? [];
      if (pass === undefined) throw new AppError("internal", `${call.operation} left the gate without having entered.`);
      if (others.length === 0) passes.delete(keyOf(call));
      else passes.set(keyOf(call), others);
      if (outcome !== "answered") await giveBackRequest(database.pool, pass.line, call.priceUsd, outcome);
      if (outcome === "throttled") await slowDown(database.pool, pass.limiter, pass.pace);
      if (outcome === "answered" && pass.isSlowed) await speedUp(database.pool, pass.limiter);
    },
  };
}

/** A request under way: where it counts, as it was when it entered. Equal requests are interchangeable, but for the day. */
type Pass = { limiter: Limiter; pace: Pace; line: BillLine; isSlowed: boolean };

function keyOf({ api, operation, account, region, priceUsd }: ApiCall): string {
  return JSON.stringify([api, operation, account, region, priceUsd]);
}

async function wait(waitMs: number, signal: AbortSignal | undefined): Promise<void> {
  if (waitMs > 0)
    await sleep(waitMs, undefined, { signal }).catch((thrown: unknown) => {
      // A timer rejects with an error of its own; whoever aborted has said why.
      throw signal?.aborted === true ? signal.reason : thrown;
    });
  signal?.throwIfAborted();
}

/**
 * What `take` gives to this request, among those that ask by the same key at the same time; null where it is refused. What is too much for all of them may be there for some:
 * then each asks by itself.
 */
async function askTogether<Given>(
  together: Together<Given | null | undefined>,
  key: string,
  most: number,
  take: (count: number) => Promise<Given[] | null>,
): Promise<Given | null> {
  const given = await together(key, most, async (count) => {
    const refused = count === 1 ? null : undefined;
    return (await take(count)) ?? Array.from({ length: count }, () => refused);
  });
  return given === undefined ? ((await take(1))?.[0] ?? null) : given;
}

async function reserve(
  database: Database,
  options: GateOptions,
  call: ApiCall,
  reservations: Together<true | null | undefined>,
): Promise<BillLine> {
  const { sourceKey, runId, monthlyCapUsd } = options;
  const day = dayOf(options.now());
  const { api, operation, region, account, priceUsd } = call;
  const line: BillLine = { sourceKey, runId, day, api, operation, region, account };
  const isReserved = await askTogether(reservations, JSON.stringify([line, priceUsd]), MOST_RESERVED, async (count) => {
    const order = { count, priceUsd, capUsd: monthlyCapUsd };
    return (await reserveRequests(database.pool, line, order))
      ? Array.from({ length: count }, () => true as const)
      : null;
  });
  if (isReserved === true) return line;
  const spentUsd = await readMonthPrice(database.pool, sourceKey, day);
  throw capReached({ sourceKey, day, spentUsd, priceUsd, capUsd: monthlyCapUsd ?? "0" });
}

function tooSlow({ api, account, region }: ApiCall, maxWaitMs: number): AppError {
  const seconds = Math.round(maxWaitMs / 1000);
  return new AppError(
    "throttled",
    `So many requests wait for the API "${api}" of account ${account} in ${region} that the next would have to wait for more than ${seconds} s.`,
    { remedy: "Pull again later, when the other pulls are done, or find out who else uses up the API's rate." },
  );
}

type Refusal = { sourceKey: string; day: Day; spentUsd: Amount; priceUsd: Amount; capUsd: Amount };

function capReached({ sourceKey, day, spentUsd, priceUsd, capUsd }: Refusal): AppError {
  const period = periodOf(day);
  const money = (amount: Amount) => `${formatExact(amount, "USD")} USD`;
  return new AppError(
    "limit_reached",
    `The API requests of "${sourceKey}" have cost ${money(spentUsd)} in ${formatPeriod(period)}; the next one, at ${money(priceUsd)}, would pass the monthly cap of ${money(capUsd)} and was not made.`,
    {
      remedy: `Raise monthlyCapUsd of the source "${sourceKey}", or wait until ${formatDay(rangeOf(period).to)}.`,
    },
  );
}
