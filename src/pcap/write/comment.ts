/**
 * Writes the firewall's metadata of a packet as a comment to read and to filter by: `prefix="drop "
 * hook=input in=eth0 mark=0x1 uid=0 gid=0 seq=7`.
 */

import type { RawPacket } from "../../packet/raw_packet.ts";
import { ABSENT } from "../../packet/absent.ts";
import { ascii, LineWriter } from "../../text/line.ts";
import { ESCAPED_MAX } from "../../text/utf8.ts";
import { writeEscaped } from "./comment_text.ts";
import { hookName } from "./hook.ts";
import type { DescribedInterfaces } from "./interfaces.ts";

/** The longest part of a prefix that is shown, in bytes; the kernel accepts 127 at most. */
const PREFIX_MAX = 512;
/** Room for a prefix, two interfaces of 255 characters and all numbers. */
const ROOM = ESCAPED_MAX * (PREFIX_MAX + 2 * 3 * 255) + 512;

const SPACE = 0x20;
const QUOTE = 0x22;
const PREFIX = ascii('prefix="');
const HOOK = ascii("hook=");
const IN = ascii("in=");
const OUT = ascii("out=");
const MARK = ascii("mark=0x");
const UID = ascii("uid=");
const GID = ascii("gid=");
const SEQ = ascii("seq=");
const SEQ_GLOBAL = ascii("seq_global=");

/** Writes comments into memory of its own, which each comment overwrites. */
export class CommentWriter {
  /** The comment. */
  readonly text: Uint8Array = new Uint8Array(ROOM);
  readonly #line = new LineWriter();

  constructor() {
    this.#line.out = this.text;
  }

  /**
   * Writes the comment of a packet.
   *
   * @param interfaces Looks up interface names.
   * @returns Its length in bytes; 0 if there is no metadata.
   */
  make(packet: RawPacket, interfaces: DescribedInterfaces): number {
    this.#line.at = 0;
    this.#prefix(packet);
    this.#hook(packet);
    this.#interface(IN, packet, packet.inDev, interfaces);
    this.#interface(OUT, packet, packet.outDev, interfaces);
    if (packet.mark !== ABSENT) {
      this.#word(MARK);
      this.#line.hex(packet.mark);
    }
    this.#number(UID, packet.uid);
    this.#number(GID, packet.gid);
    this.#number(SEQ, packet.seq);
    this.#number(SEQ_GLOBAL, packet.seqGlobal);
    return this.#line.at;
  }

  #prefix({ bytes, prefixOffset, prefixLength }: RawPacket): void {
    if (prefixLength <= 0) return;
    const line = this.#line;
    this.#word(PREFIX);
    const length = Math.min(prefixLength, PREFIX_MAX);
    line.at += writeEscaped(this.text, line.at, bytes, prefixOffset, length);
    this.text[line.at++] = QUOTE;
  }

  #hook({ family, hook }: RawPacket): void {
    if (hook === ABSENT) return;
    this.#word(HOOK);
    const name = hookName(family, hook);
    if (name === undefined) this.#line.decimal(hook);
    else this.#line.text(name);
  }

  #interface(
    word: Uint8Array,
    packet: RawPacket,
    index: number,
    interfaces: DescribedInterfaces,
  ): void {
    if (index === ABSENT) return;
    this.#word(word);
    this.#line.text(interfaces.find(index, packet).text);
  }

  #number(word: Uint8Array, value: number): void {
    if (value === ABSENT) return;
    this.#word(word);
    this.#line.decimal(value);
  }

  /** Writes a word, with a space before it except at the beginning. */
  #word(word: Uint8Array): void {
    if (this.#line.at > 0) this.text[this.#line.at++] = SPACE;
    this.#line.text(word);
  }
}
