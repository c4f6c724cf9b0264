/** Answers of the API in JSON. */

import { OutputError } from "../../errors.ts";
import type { ActionPatterns } from "../../packet/actions.ts";
import { addressBytes, parseAddress as parseIp } from "../../filter/parse_address.ts";
import type {
  Budget,
  Chart,
  Span,
  StoredKind,
  StoreReader,
  StoreSummary,
} from "../../output/table/reading.ts";
import type { Advice, Circumstances } from "../advice/advice.ts";
import { byAction } from "./by_action.ts";
import { detailsOf } from "./details.ts";
import type { AskStats } from "./live.ts";
import { QUERY_LIMITS } from "./limits.ts";
import { CHART_KEYS, type Parameters, wrong } from "./question.ts";
import { RequestError } from "./request_error.ts";

/** Parts that answers are made from. */
export interface AnswerSources {
  version: string;
  reader: StoreReader | undefined;
  stats: AskStats | undefined;
  actions: ActionPatterns;
  /** Whether the bytes of packets are stored; undefined where that is not known. */
  hasPayload: boolean | undefined;
  /** Returns advice for a page that has nothing to show. */
  advice(seen: Pick<Circumstances, "store" | "stats">): Advice;
}

/** An answer: the parameters it has, and a function that makes it. */
export interface ApiAnswer {
  parameters: readonly string[];
  make(parameters: Parameters, sources: AnswerSources, budget: Budget): Promise<unknown>;
}

const DAY_MS = 86_400_000;
const CHOICE = ["kind", "where", "from", "to"];

/** Answers by their address below `/api/`. */
export const ANSWERS: Readonly<Record<string, ApiAnswer>> = {
  state: { parameters: [], make: state },
  records: {
    parameters: [...CHOICE, "limit", "before", "timeout"],
    make: (parameters, { reader }, budget) =>
      requireStore(reader).page(
        parameters.choice(),
        parameters.number("limit", 1, QUERY_LIMITS.rows, 200),
        parameters.text("before"),
        budget,
      ),
  },
  record: { parameters: ["kind", "id", "timeout"], make: record },
  chart: {
    parameters: [...CHOICE, "step", "by", "timeout"],
    make: chart,
  },
  top: {
    parameters: [...CHOICE, "by", "limit", "timeout"],
    make: (parameters, { reader }, budget) =>
      requireStore(reader).top(
        parameters.choice(),
        parameters.topKeys(),
        parameters.number("limit", 1, QUERY_LIMITS.entries, 10),
        budget,
      ),
  },
  losses: {
    parameters: ["from", "to", "timeout"],
    make: (parameters, { reader }, budget) =>
      requireStore(reader).losses(parameters.span(), budget),
  },
  nat: {
    parameters: ["address", "port", "at", "until", "where", "limit", "timeout"],
    make: nat,
  },
};

/** Returns the reader. */
export function requireStore(reader: StoreReader | undefined): StoreReader {
  if (reader !== undefined) return reader;
  throw new RequestError(
    404,
    "There is no database to ask: name one to nfscribe web, or a configuration that has one",
  );
}

async function state(
  _parameters: Parameters,
  { version, reader, stats, actions, hasPayload, advice }: AnswerSources,
  budget: Budget,
): Promise<unknown> {
  const [store, counters] = await Promise.all([
    reader === undefined ? undefined : summaryOf(reader, budget),
    stats?.(),
  ]);
  const summary = store === undefined || "problem" in store ? null : store;
  const has = (kind: string) => summary?.kinds.some((one) => one.kind === kind) ?? false;
  const packets = has("packet");
  return {
    version,
    store: summary,
    stats: counters ?? null,
    actions: Object.entries(actions),
    tables: { packets, flows: has("flow"), payload: packets && hasPayload !== false },
    ...advice({ store, stats: counters }),
  };
}

async function chart(
  parameters: Parameters,
  { reader, actions }: AnswerSources,
  budget: Budget,
): Promise<Chart> {
  const store = requireStore(reader);
  const by = parameters.word("by", CHART_KEYS);
  const key = by === "action" ? "prefix" : by;
  const kind = parameters.kind();
  const span = parameters.hasSpan
    ? parameters.span()
    : parameters.span(storedSpan(await store.summary(budget), kind));
  const choice = { kind, where: parameters.where(), span };
  const found = await store.chart(choice, parameters.stepMs(span), key, budget);
  return by === "action" ? byAction(found, actions) : found;
}

/** Returns the times of a table's records; the last day where there are none. */
function storedSpan({ kinds }: StoreSummary, kind: StoredKind): Span {
  const nowMs = Date.now();
  const { oldestMs = nowMs - DAY_MS, newestMs = nowMs } = kinds.find((one) => one.kind === kind) ??
    {};
  return { fromMs: oldestMs, toMs: newestMs + 1 };
}

/** Looks at the store; for one that cannot be read, the page says why, and shows the rest. */
async function summaryOf(
  reader: StoreReader,
  budget: Budget,
): Promise<StoreSummary | { problem: string }> {
  try {
    return await reader.summary(budget);
  } catch (error) {
    const isAway = error instanceof OutputError ||
      error instanceof RequestError && error.status === 504;
    if (isAway) return { problem: error.message };
    throw error;
  }
}

async function record(
  parameters: Parameters,
  { reader }: AnswerSources,
  budget: Budget,
): Promise<unknown> {
  const id = parameters.text("id");
  if (id === undefined) throw wrong("id", "is missing");
  const found = await requireStore(reader).record(parameters.kind(), id, budget);
  if (found === undefined) {
    throw new RequestError(404, "This record is no longer in the store");
  }
  return {
    record: found.record,
    ...found.payload !== undefined && { payload: found.payload.toHex() },
    ...detailsOf(found),
  };
}

function nat(
  parameters: Parameters,
  { reader }: AnswerSources,
  { ms }: Budget,
): Promise<unknown> {
  const words = parseIp(parameters.text("address") ?? "");
  if (words === undefined) {
    throw wrong("address", "must be an address, as in 198.51.100.7 or 2001:db8::7");
  }
  const port = parameters.number("port", -1, 65_535, -1);
  const atMs = parameters.time("at", 0, Date.now());
  return requireStore(reader).translations({
    address: addressBytes(words),
    port: port < 0 ? undefined : port,
    fromMs: atMs,
    toMs: parameters.time("until", atMs, atMs),
    where: parameters.where(),
    limit: parameters.number("limit", 1, QUERY_LIMITS.rows, 100),
    timeoutMs: ms,
  });
}
