/**
 * Writes what stands at the top of a packet's structured form as pairs of a name and a value, which
 * formats without nesting have. What is unknown is absent.
 */

import { readBe16 } from "../../bytes/memory.ts";
import { ABSENT } from "../../packet/absent.ts";
import { ACTIONS } from "../../packet/actions.ts";
import { HOOK_NAMES, hookName } from "../../packet/hook_name.ts";
import { originalLength } from "../../packet/ip.ts";
import type { Layers } from "../../packet/layers.ts";
import { ARP } from "../../packet/network_kind.ts";
import { protocolName } from "../../packet/protocols.ts";
import type { RawPacket } from "../../packet/raw_packet.ts";
import { defectOf, portsAt } from "../../packet/transport.ts";
import { type LineWriter, Word } from "../../text/line.ts";
import { nameBytes } from "../../text/utf8.ts";
import { DefectWords } from "../defect_words.ts";
import { InterfaceNames } from "../interface_names.ts";
import { address, arpAddress } from "../json/network.ts";
import { UtcTime } from "../json/time.ts";
import { PAIR_NAMES, type PairName } from "./names.ts";
import { type PairForm, Pairs } from "./pairs.ts";

/** Names of the protocols that IP carries; their numbers where they have none. */
const PROTOCOLS = Array.from({ length: 256 }, (_, n) => new Word(protocolName(n) ?? String(n)));
const ARP_WORD = new Word("ARP");
const HOOKS = Object.fromEntries(HOOK_NAMES.map((name) => [name, new Word(name)]));
const ACTION_WORDS = ACTIONS.map((action) => new Word(action));
const DEFECTS = new DefectWords(({ kind, layer }) => new Word(`${kind} ${layer}`));

/** Writes the pairs of packets. There must be room, or `line.at` is past the end afterwards. */
export class PacketPairs {
  readonly #pairs: Pairs<PairName>;
  readonly #session: string;
  readonly #kind: Word;
  readonly #time = new UtcTime("", "");
  readonly #names = new InterfaceNames((device) =>
    new Word(this.#pairs.escaped(nameBytes(device.toString())))
  );
  #host = "";
  /** Session of the sender of the current source. */
  #from = "";
  #capture: string | undefined;
  /** The pairs `host`, `capture` and `session` of the current source. */
  #origin = new Word("");

  /**
   * Creates a writer.
   *
   * @param form Form of the pairs.
   * @param session Identifier of the run.
   * @param chosen Names of the pairs that are written; all if left out.
   */
  constructor(form: PairForm, session: string, chosen?: readonly string[]) {
    this.#pairs = new Pairs(form, PAIR_NAMES, chosen);
    this.#session = session;
    this.#kind = new Word(this.#pairs.fixed("type", "packet"));
  }

  /** Writes a packet's pairs. */
  write(line: LineWriter, packet: RawPacket, layers: Layers): void {
    const { time, seq, mark, uid, gid } = this.#pairs.before;
    if (this.#isOther(packet)) this.#begin(packet);
    line.word(this.#kind);
    if (time !== undefined) {
      line.word(time);
      this.#time.write(line, packet);
      this.#pairs.end(line);
    }
    line.word(this.#origin);
    this.#pairs.number(line, seq, packet.seq);
    this.#rule(line, packet);
    this.#device(line, this.#pairs.before.in, packet, packet.inDev);
    this.#device(line, this.#pairs.before.out, packet, packet.outDev);
    this.#device(line, this.#pairs.before.physIn, packet, packet.physInDev);
    this.#device(line, this.#pairs.before.physOut, packet, packet.physOutDev);
    this.#pairs.number(line, mark, packet.mark);
    this.#pairs.number(line, uid, packet.uid);
    this.#pairs.number(line, gid, packet.gid);
    this.#endpoints(line, layers);
    this.#figures(line, packet, layers);
  }

  #isOther({ host, session, capture }: RawPacket): boolean {
    return capture !== this.#capture || host !== this.#host || session !== this.#from;
  }

  #begin({ host, session, capture }: RawPacket): void {
    this.#host = host;
    this.#from = session;
    this.#capture = capture;
    const source = this.#pairs.fixed("host", host) + this.#pairs.fixed("capture", capture);
    this.#origin = new Word(source + this.#pairs.fixed("session", session || this.#session));
  }

  /** Writes the pairs that the rule decides. */
  #rule(line: LineWriter, packet: RawPacket): void {
    const { prefix, action, hook } = this.#pairs.before;
    this.#pairs.text(line, prefix, packet.bytes, packet.prefixOffset, packet.prefixLength);
    const place = packet.actions.find(packet);
    if (place !== ABSENT) this.#pairs.word(line, action, ACTION_WORDS[place]!);
    if (packet.hook === ABSENT) return;
    const name = hookName(packet.family, packet.hook);
    if (name === undefined) this.#pairs.number(line, hook, packet.hook);
    else this.#pairs.word(line, hook, HOOKS[name]!);
  }

  #device(
    line: LineWriter,
    before: Word | undefined,
    { interfaces }: RawPacket,
    index: number,
  ): void {
    if (before === undefined || index === ABSENT) return;
    this.#pairs.word(line, before, this.#names.get(interfaces, index));
  }

  #endpoints(line: LineWriter, layers: Layers): void {
    const { source, sourcePort, destination, destinationPort, protocol } = this.#pairs.before;
    const { bytes, network } = layers;
    const ports = portsAt(layers);
    const port = (offset: number) => ports === ABSENT ? ABSENT : readBe16(bytes, ports + offset);
    if (network !== 0) this.#address(line, source, layers, 0);
    this.#pairs.number(line, sourcePort, port(0));
    if (network !== 0) this.#address(line, destination, layers, 1);
    this.#pairs.number(line, destinationPort, port(2));
    if (network === ARP) this.#pairs.word(line, protocol, ARP_WORD);
    else if (layers.protocol !== ABSENT) {
      this.#pairs.word(line, protocol, PROTOCOLS[layers.protocol]!);
    }
  }

  /** Writes the address of the sender (0) or the receiver (1). */
  #address(line: LineWriter, before: Word | undefined, layers: Layers, side: 0 | 1): void {
    if (before === undefined) return;
    const { bytes, at, network } = layers;
    line.word(before);
    if (network === ARP) {
      const [hardware, length] = [bytes[at + 4]!, bytes[at + 5]!];
      arpAddress(line, bytes, at, hardware + side * (hardware + length));
    } else address(line, layers, 12 + 4 * side, 8 + 16 * side);
    this.#pairs.end(line);
  }

  #figures(line: LineWriter, packet: RawPacket, layers: Layers): void {
    const { length, captured, defect, etherType, extra } = this.#pairs.before;
    if (packet.payloadLength !== ABSENT) {
      const original = originalLength(packet);
      this.#pairs.number(line, length, original);
      if (packet.payloadLength < original) this.#pairs.number(line, captured, packet.payloadLength);
    }
    const found = defect && defectOf(layers);
    if (found !== undefined) this.#pairs.word(line, defect, DEFECTS.of(found));
    this.#pairs.number(line, etherType, packet.hwProtocol);
    this.#pairs.json(line, extra, packet.extra);
  }
}
