/** Fills in a raw flow from its structured form: the way back from JSON. Pure. */

import { addressBytes, parseAddress } from "../../filter/parse_address.ts";
import { ABSENT } from "../../packet/absent.ts";
import { protocolName } from "../../packet/protocols.ts";
import { STRUCTURED_VERSION } from "../../packet/structured.ts";
import { FormFields } from "./form_fields.ts";
import { stateNumber, STATUS_NAMES } from "../../flow/names.ts";
import { FLOW_EVENTS, type RawFlow, type RawTuple } from "../../flow/raw_flow.ts";

/** Memory of a flow: addresses, labels and two texts of three bytes a character. */
const MEMORY = 32 * 1024;
/** Bytes of labels. */
const LABELS = 16;
const [BITS_8, BITS_16, BITS_32] = [0xff, 0xffff, 0xffff_ffff];
const COUNT = Number.MAX_SAFE_INTEGER;

/** Numbers of protocols by name. */
const PROTOCOLS: ReadonlyMap<string, number> = new Map(
  Array.from({ length: 256 }, (_, number) => [protocolName(number) ?? String(number), number]),
);

/**
 * Fills in flows.
 *
 * @example There and back
 * ```ts
 * import { flow } from "nfscribe/testing";
 * import { Flow } from "../../flow/flow.ts";
 * import { FlowFiller } from "./flow_form.ts";
 * import { RawFlow } from "../../flow/raw_flow.ts";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const before = flow({ nat: { source: "198.51.100.7" } });
 * const raw = new RawFlow();
 * assert(new FlowFiller().fill(raw, JSON.parse(JSON.stringify(before))));
 * assertEquals(new Flow(raw).toJSON(), before.toJSON());
 * ```
 */
export class FlowFiller {
  readonly #fields = new FormFields();
  readonly #memory = new Uint8Array(MEMORY);
  #used = 0;

  /**
   * Fills in a flow; it is valid until the next call.
   *
   * @param form Structured form as JSON has it, from another process or host.
   * @returns Whether it is one of a flow.
   */
  fill(flow: RawFlow, form: unknown): boolean {
    const fields = this.#fields;
    this.#used = 0;
    flow.reset(this.#memory, 0, 0);
    fields.begin(form);
    if (fields.get("type") !== "flow" || fields.get("version") !== STRUCTURED_VERSION) return false;
    const protocol = protocolOf(fields.get("protocol"));
    if (protocol === undefined) return false;
    this.#head(flow, protocol);
    this.#state(flow, protocol);
    this.#texts(flow);
    flow.extra = fields.extra();
    const { original, reply, master } = flow;
    const tuples = [[original, "original"], [reply, "reply"], [master, "master"]] as const;
    for (const [tuple, name] of tuples) {
      fields.use(form);
      this.#tuple(tuple, fields.get(name), protocol);
    }
    flow.end = this.#used;
    return !fields.isWrong && original.addressSize !== ABSENT;
  }

  #head(flow: RawFlow, protocol: number): void {
    const fields = this.#fields;
    const event = FLOW_EVENTS.findIndex((name) => name === fields.get("event"));
    if (event < 0) fields.isWrong = true;
    flow.event = Math.max(0, event);
    flow.original.protocol = protocol;
    flow.timeout = fields.whole("timeout", BITS_32);
    flow.mark = fields.whole("mark", BITS_32);
    flow.zone = fields.whole("zone", BITS_16);
    flow.id = fields.whole("id", BITS_32);
    const [time, start, end] = [fields.time("time"), fields.time("start"), fields.time("end")];
    if (time === ABSENT) fields.isWrong = true;
    [flow.seconds, flow.nanoseconds] = secondsOf(time);
    [flow.receivedSeconds, flow.receivedNanoseconds] = secondsOf(time);
    [flow.startSeconds, flow.startNanoseconds] = secondsOf(start);
    [flow.endSeconds, flow.endNanoseconds] = secondsOf(end);
  }

  #state(flow: RawFlow, protocol: number): void {
    const fields = this.#fields;
    const state = fields.text("state");
    if (state !== undefined) {
      const number = stateNumber(protocol, state.toLowerCase()) ?? numberIn(state, BITS_8);
      if (number === undefined) fields.isWrong = true;
      flow.state = number ?? ABSENT;
    }
    const status = fields.get("status");
    if (status !== undefined) {
      const bits = listOf(status, STATUS_NAMES.length).map((name) =>
        STATUS_NAMES.findIndex((known) => known === name)
      );
      if (!Array.isArray(status) || bits.includes(-1)) fields.isWrong = true;
      flow.status = bits.reduce((all, bit) => all | 1 << bit, 0);
    }
    const labels = fields.get("labels");
    if (labels === undefined) return;
    const at = this.#take(LABELS);
    this.#memory.fill(0, at, at + LABELS);
    for (const label of listOf(labels, LABELS * 8)) {
      if (typeof label !== "number" || !(label in NUMBERS)) fields.isWrong = true;
      else this.#memory[at + (label >> 3)]! |= 1 << (label & 7);
    }
    if (!Array.isArray(labels)) fields.isWrong = true;
    flow.labelsOffset = at;
    flow.labelsLength = LABELS;
  }

  #texts(flow: RawFlow): void {
    const helper = this.#fields.text("helper");
    if (helper !== undefined) [flow.helperOffset, flow.helperLength] = this.#text(helper);
    const context = this.#fields.text("securityContext");
    if (context !== undefined) [flow.secctxOffset, flow.secctxLength] = this.#text(context);
  }

  #tuple(tuple: RawTuple, form: unknown, protocol: number): void {
    if (form === undefined) return;
    const fields = this.#fields;
    fields.use(form);
    const source = parseAddress(fields.text("source") ?? "");
    const destination = parseAddress(fields.text("destination") ?? "");
    if (source === undefined || source.length !== destination?.length) {
      fields.isWrong = true;
      return;
    }
    tuple.addressSize = 4 * source.length;
    tuple.source = this.#bytes(addressBytes(source));
    tuple.destination = this.#bytes(addressBytes(destination));
    tuple.protocol = protocol;
    tuple.sourcePort = fields.whole("sourcePort", BITS_16);
    tuple.destinationPort = fields.whole("destinationPort", BITS_16);
    tuple.icmpType = fields.whole("icmpType", BITS_8);
    tuple.icmpCode = fields.whole("icmpCode", BITS_8);
    tuple.icmpId = fields.whole("icmpId", BITS_16);
    tuple.zone = fields.whole("zone", BITS_16);
    tuple.packets = fields.whole("packets", COUNT);
    tuple.bytes = fields.whole("bytes", COUNT);
  }

  #take(size: number): number {
    const at = this.#used;
    this.#used += size;
    return at;
  }

  #bytes(bytes: Uint8Array): number {
    const at = this.#take(bytes.length);
    this.#memory.set(bytes, at);
    return at;
  }

  #text(text: string): [offset: number, length: number] {
    const { written } = new TextEncoder().encodeInto(text, this.#memory.subarray(this.#used));
    return [this.#take(written), written];
  }
}

/** Numbers of labels. */
const NUMBERS: readonly true[] = Array(LABELS * 8).fill(true);

function protocolOf(value: unknown): number | undefined {
  if (typeof value === "string") return PROTOCOLS.get(value);
  return Number.isInteger(value) && value as number >= 0 && value as number <= BITS_8
    ? value as number
    : undefined;
}

/** Returns the first items of a list; none of anything else. */
function listOf(value: unknown, most: number): readonly unknown[] {
  return Array.isArray(value) ? value.slice(0, most) : [];
}

function numberIn(text: string, most: number): number | undefined {
  return /^\d{1,3}$/.test(text) && Number(text) <= most ? Number(text) : undefined;
}

/** Returns seconds and nanoseconds of microseconds; both ABSENT for ABSENT. */
function secondsOf(micros: number): [seconds: number, nanoseconds: number] {
  if (micros === ABSENT) return [ABSENT, ABSENT];
  return [Math.floor(micros / 1e6), micros % 1e6 * 1000];
}
