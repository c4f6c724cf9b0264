/** Encodes a flow as a syslog message: a line as ulogd prints it, JSON, or nothing. */

import type { RawFlow } from "../../flow/raw_flow.ts";
import { type Encoder, NO_ROOM } from "../../record/encoder.ts";
import { LineWriter } from "../../text/line.ts";
import { FlowPrinter } from "../json/flow/printer.ts";
import { ObjectPrinter, USUAL_MAX } from "../json/object_printer.ts";
import { FLOW_LINE_MAX, writeFlowLine } from "../lines/flow_line.ts";
import type { LineHead } from "../lines/head.ts";
import { NOTICE } from "../lines/severity.ts";
import { type HeadOptions, messageHead, priorities, PRIORITY_MAX } from "./head.ts";
import type { MessageOptions } from "./message.ts";
import { flowData, type StructuredData } from "./structured_data.ts";

const NEWLINE = 0x0a;

/** Options of the encoder. */
interface FlowMessageOptions extends MessageOptions, HeadOptions {
  /** Number of the severity; undefined for that of flows. */
  severity?: number;
  /** Whether messages have structured data. */
  structuredData: boolean;
}

/** Encodes messages of flows. */
export class FlowSyslogEncoder implements Encoder<RawFlow> {
  readonly #line = new LineWriter();
  readonly #head: LineHead;
  readonly #priority: Uint8Array;
  readonly #data: StructuredData<RawFlow> | undefined;
  readonly #message: FlowMessage;

  /** Creates an encoder. */
  constructor(options: FlowMessageOptions) {
    const { format, structuredData, session } = options;
    if (format === "rfc5424") this.#data = flowData(structuredData ? session : undefined);
    this.#priority = priorities(options)[options.severity ?? NOTICE]!;
    this.#head = messageHead(options, "flow");
    this.#message = flowMessageOf(options);
  }

  /** Encodes a flow as one message. */
  encode(flow: RawFlow, out: Uint8Array, at: number): number {
    const { room } = this.#message;
    if (at + PRIORITY_MAX + this.#head.roomFor(flow) + room > out.length) return NO_ROOM;
    const line = this.#line;
    line.out = out;
    line.at = at;
    line.text(this.#priority);
    this.#head.write(line, flow);
    this.#data?.(line, flow);
    if (line.at + room > out.length) return NO_ROOM;
    this.#message.print(line, flow);
    out[line.at++] = NEWLINE;
    return line.at > out.length ? NO_ROOM : line.at - at;
  }
}

/** Writes what is behind the head. */
interface FlowMessage {
  /** The room in which it is begun, in bytes. */
  readonly room: number;
  /** Writes it; `line.at` is past the end afterwards where there was too little room. */
  print(line: LineWriter, flow: RawFlow): void;
}

function flowMessageOf({ message, hostname, session }: MessageOptions): FlowMessage {
  if (message === "none") return { room: 0, print: () => {} };
  if (message === "line") return LINE;
  const printer = new FlowPrinter({ format: "nfscribe", payload: false, hostname, session });
  const objects = new ObjectPrinter(printer);
  return { room: USUAL_MAX, print: (line, flow) => void objects.print(line, flow) };
}

const LINE: FlowMessage = {
  room: FLOW_LINE_MAX,
  print(line, flow) {
    writeFlowLine(line, flow);
    // What ulogd ends its lines with is no part of a message.
    line.at--;
  },
};
