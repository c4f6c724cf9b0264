/** Messages of a run of frames, whatever carries them. Pure. */

import type { MessageHead } from "../../nats/format/message.ts";
import { NDJSON, PCAPNG } from "../../nats/format/headers.ts";
import { lossSection } from "../../pcap/write/block.ts";
import type { RecordKind } from "../../record/kind.ts";
import { parseLoss } from "../delivery/losses.ts";
import { compress, type Compression } from "./compress.ts";
import { bodyOf, cutFrame, type Group, joinGroups } from "./cut_frame.ts";
import { type Lane, type LaneCounts, laneKey } from "./lane_counts.ts";
import type { Run } from "./runs.ts";

/** A message. */
export interface Outgoing {
  kind: RecordKind;
  head: MessageHead;
  body: Uint8Array;
}

/** Sender of messages. */
export interface OutgoingOptions {
  /** This host's name. */
  host: string;
  /** Session of the run. */
  session: string;
  /** Form of packets. */
  payload: "pcapng" | "json";
  compression: Compression;
  /** Memory of bodies until they are compressed. */
  memory: BodyMemory;
}

/** Memory that one body after the other is written into: each takes half a megabyte. */
export class BodyMemory {
  #bytes = new Uint8Array(0);

  /** Returns so many bytes, which are those that were returned before. */
  of(length: number): Uint8Array {
    if (length > this.#bytes.length) this.#bytes = new Uint8Array(length);
    return this.#bytes.subarray(0, length);
  }
}

/** Messages of a run, and the frames in it that hold none. */
export interface OutgoingRun {
  messages: Outgoing[];
  /** Frames that none of nfscribe's encoders has written, and the records that their heads claim. */
  strange: Run["frames"];
}

/** A message before it is compressed and counted. */
interface Part extends Pick<MessageHead, "records" | "lost" | "interfaces" | "contentType"> {
  lane: Lane;
  /** Returns the body, which is valid until that of the next part is asked for. */
  plain(): Uint8Array;
}

/**
 * Makes the messages of a run.
 *
 * @param counts Records that were sent before; those of the run are added.
 */
export function outgoingOf(run: Run, counts: LaneCounts, options: OutgoingOptions): OutgoingRun {
  const strange: Run["frames"] = [];
  const cut = run.frames.map((frame) => {
    const groups = cutFrame(frame.bytes);
    if (groups === undefined) strange.push(frame);
    return groups ?? [];
  });
  // A frame by itself may be larger than a message: its encoder has begun groups in time.
  const groups = cut.length === 1 ? cut[0]! : joinGroups(cut.flat());
  const losses = lossesOf(run.losses, options);
  const ofGroups = groups.map((group) => groupPart(group, losses, options));
  const parts = [...[...losses.values()].map((loss) => lossPart(loss, options)), ...ofGroups];
  const messages = parts.map(({ lane, plain, ...known }, part): Outgoing => {
    const { body, encoding } = compress(plain(), options.compression);
    const head: MessageHead = {
      ...{ host: lane.host, capture: lane.capture, session: options.session },
      ...{ from: run.from, to: run.to, part, parts: parts.length },
      ...{ ...known, first: counts.add(lane, known.records), encoding },
    };
    return { kind: lane.kind, head, body };
  });
  return { messages, strange };
}

/** Makes the message of a group; a loss of its lane goes with it, and is taken out of the others. */
function groupPart(
  group: Group,
  losses: Map<string, LaneLoss>,
  { host, payload, compression, memory }: OutgoingOptions,
): Part {
  const { kind, capture, records, interfaces, length } = group;
  const lane = { kind, host: group.host === "" ? host : group.host, capture };
  const key = laneKey(lane);
  const lost = losses.get(key)?.packets ?? 0;
  losses.delete(key);
  const contentType = kind === "packet" && payload === "pcapng" ? PCAPNG : NDJSON;
  const plain = () => bodyOf(group, compression === "none" ? undefined : memory.of(length));
  return { lane, records, lost, interfaces, contentType, plain };
}

/** Makes a message without records, that tells of a loss. */
function lossPart({ lane, packets, micros }: LaneLoss, { payload }: OutgoingOptions): Part {
  const isPcapng = lane.kind === "packet" && payload === "pcapng";
  const seconds = Math.floor(micros / 1e6);
  const mark = () => lossSection("nflog", lane.capture, packets, seconds, micros % 1e6 * 1000);
  return {
    ...{ lane, records: 0, lost: packets, interfaces: new Map() },
    ...isPcapng
      ? { contentType: PCAPNG, plain: mark }
      : { contentType: NDJSON, plain: () => new Uint8Array(0) },
  };
}

/** Records that a source lost. */
interface LaneLoss {
  lane: Lane;
  packets: number;
  /** Time when the first of them was noticed, in microseconds since the Unix epoch. */
  micros: number;
}

/** Adds up losses by lane. */
function lossesOf(frames: readonly Uint8Array[], { host }: OutgoingOptions): Map<string, LaneLoss> {
  const losses = new Map<string, LaneLoss>();
  for (const frame of frames) {
    const lost = parseLoss(frame);
    if (lost === undefined) continue;
    const { kind = "packet", capture, packets, micros } = lost;
    const lane = { kind, host, capture };
    const known = losses.get(laneKey(lane));
    if (known === undefined) losses.set(laneKey(lane), { lane, packets, micros });
    else known.packets += packets;
  }
  return losses;
}
