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
import { writeJsonValue } from "../../text/json.ts";
import { ascii, LineWriter, Word } from "../../text/line.ts";
import { nameBytes } from "../../text/utf8.ts";
import { DefectWords } from "../defect_words.ts";
import { InterfaceNames } from "../interface_names.ts";
import { address, arpAddress } from "../json/network.ts";
import { UtcTime } from "../json/time.ts";
import { PAIR_NAMES, type PairName } from "./names.ts";

/** Form of pairs. */
export interface PairForm {
  /** Returns the text before the value of a pair. */
  before(name: PairName): string;
  /** Text behind each value. */
  behind: string;
  /**
   * Escapes the value that was written from an offset on, which is visible UTF-8 in one line, where
   * the form gives other characters a meaning.
   */
  escape?(line: LineWriter, from: number): void;
}

/** Names of the protocols that IP carries; their numbers where they have none. */
const PROTOCOLS = Array.from({ length: 256 }, (_, n) => new Word(protocolName(n) ?? String(n)));
const ARP_WORD = new Word("ARP");
const HOOKS = Object.fromEntries(HOOK_NAMES.map((name) => [name, new Word(name)]));
const ACTION_WORDS = ACTIONS.map((action) => new Word(action));
const DEFECTS = new DefectWords(({ kind, layer }) => new Word(`${kind} ${layer}`));

/** Writes the pairs of packets. There must be room, or `line.at` is past the end afterwards. */
export class PacketPairs {
  readonly #form: PairForm;
  readonly #session: string;
  /** Texts before values; undefined for pairs that are not chosen. */
  readonly #before: Readonly<Record<PairName, Word | undefined>>;
  readonly #behind: Word;
  readonly #kind: Word;
  readonly #time = new UtcTime("", "");
  readonly #names = new InterfaceNames((device) =>
    new Word(this.#escaped(nameBytes(device.toString())))
  );
  #capture: string | undefined;
  /** The pairs `capture` and `session` of the current source. */
  #origin = new Word("");

  /**
   * Creates a writer.
   *
   * @param form Form of the pairs.
   * @param session Identifier of the run.
   * @param chosen Names of the pairs that are written; all if left out.
   */
  constructor(form: PairForm, session: string, chosen: readonly string[] = PAIR_NAMES) {
    this.#form = form;
    this.#session = session;
    this.#before = Object.fromEntries(
      PAIR_NAMES.map((name) => [
        name,
        chosen.includes(name) ? new Word(form.before(name)) : undefined,
      ]),
    ) as Record<PairName, Word | undefined>;
    this.#behind = new Word(form.behind);
    this.#kind = new Word(this.#fixed("type", "packet"));
  }

  /** Writes a packet's pairs. */
  write(line: LineWriter, packet: RawPacket, layers: Layers): void {
    const { time, seq, mark, uid, gid } = this.#before;
    if (packet.capture !== this.#capture) this.#begin(packet.capture);
    line.word(this.#kind);
    if (time !== undefined) {
      line.word(time);
      this.#time.write(line, packet);
      line.word(this.#behind);
    }
    line.word(this.#origin);
    this.#number(line, seq, packet.seq);
    this.#rule(line, packet);
    this.#device(line, this.#before.in, packet, packet.inDev);
    this.#device(line, this.#before.out, packet, packet.outDev);
    this.#device(line, this.#before.physIn, packet, packet.physInDev);
    this.#device(line, this.#before.physOut, packet, packet.physOutDev);
    this.#number(line, mark, packet.mark);
    this.#number(line, uid, packet.uid);
    this.#number(line, gid, packet.gid);
    this.#endpoints(line, layers);
    this.#figures(line, packet, layers);
  }

  #begin(capture: string): void {
    this.#capture = capture;
    this.#origin = new Word(
      this.#fixed("capture", capture) + this.#fixed("session", this.#session),
    );
  }

  /** Returns a pair whose value is the same for many packets; empty for an empty value. */
  #fixed(name: PairName, value: string): string {
    if (value === "" || this.#before[name] === undefined) return "";
    return this.#form.before(name) + this.#escaped(ascii(value)) + this.#form.behind;
  }

  /** Returns a value as it is written. */
  #escaped(value: Uint8Array): string {
    const line = new LineWriter();
    // An escaped byte takes four, and a character before it at the most.
    line.out = new Uint8Array(value.length * 5);
    line.visible(value, 0, value.length);
    this.#form.escape?.(line, 0);
    return new TextDecoder().decode(line.out.subarray(0, line.at));
  }

  #number(line: LineWriter, before: Word | undefined, value: number): void {
    if (before === undefined || value === ABSENT) return;
    line.word(before);
    line.decimal(value);
    line.word(this.#behind);
  }

  #word(line: LineWriter, before: Word | undefined, value: Word): void {
    if (before === undefined) return;
    line.word(before);
    line.word(value);
    line.word(this.#behind);
  }

  /** Writes the pairs that the rule decides. */
  #rule(line: LineWriter, packet: RawPacket): void {
    const { prefix, action, hook } = this.#before;
    if (prefix !== undefined && packet.prefixLength > 0) {
      line.word(prefix);
      const from = line.at;
      line.visible(packet.bytes, packet.prefixOffset, packet.prefixLength);
      this.#form.escape?.(line, from);
      line.word(this.#behind);
    }
    const place = packet.actions.find(packet);
    if (place !== ABSENT) this.#word(line, action, ACTION_WORDS[place]!);
    if (packet.hook === ABSENT) return;
    const name = hookName(packet.family, packet.hook);
    if (name === undefined) this.#number(line, hook, packet.hook);
    else this.#word(line, hook, HOOKS[name]!);
  }

  #device(
    line: LineWriter,
    before: Word | undefined,
    { interfaces }: RawPacket,
    index: number,
  ): void {
    if (before === undefined || index === ABSENT) return;
    this.#word(line, before, this.#names.get(interfaces, index));
  }

  #endpoints(line: LineWriter, layers: Layers): void {
    const { source, sourcePort, destination, destinationPort, protocol } = this.#before;
    const { bytes, network } = layers;
    const ports = portsAt(layers);
    const port = (offset: number) => ports === ABSENT ? ABSENT : readBe16(bytes, ports + offset);
    if (network !== 0) this.#address(line, source, layers, 0);
    this.#number(line, sourcePort, port(0));
    if (network !== 0) this.#address(line, destination, layers, 1);
    this.#number(line, destinationPort, port(2));
    if (network === ARP) this.#word(line, protocol, ARP_WORD);
    else if (layers.protocol !== ABSENT) this.#word(line, protocol, PROTOCOLS[layers.protocol]!);
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
    line.word(this.#behind);
  }

  #figures(line: LineWriter, packet: RawPacket, layers: Layers): void {
    const { length, captured, defect, etherType, extra } = this.#before;
    if (packet.payloadLength !== ABSENT) {
      const original = originalLength(packet);
      this.#number(line, length, original);
      if (packet.payloadLength < original) this.#number(line, captured, packet.payloadLength);
    }
    const found = defect && defectOf(layers);
    if (found !== undefined) this.#word(line, defect, DEFECTS.of(found));
    this.#number(line, etherType, packet.hwProtocol);
    if (extra === undefined || packet.extra === undefined) return;
    line.word(extra);
    const from = line.at;
    writeJsonValue(line, packet.extra);
    this.#form.escape?.(line, from);
    line.word(this.#behind);
  }
}
