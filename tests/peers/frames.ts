/**
 * Ethernet frames in pcap files: captured ones, and those to replay.
 *
 * @module
 */

import { exists, ROOT } from "../system/process.ts";

/** Captures of many protocols, valid and invalid; not part of the project. */
const CAPTURES: string = `${ROOT}../shared/pcaps`;

/** Whether the captures exist; name the reason in the test. */
export const HAS_CAPTURES: boolean = exists(CAPTURES);

/** A frame and its origin, for the message about a difference. */
export interface Frame {
  /** The frame from the destination address on, without the check sequence. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Origin such as `igmp.pcap frame 3` or `seed 7 frame 3`. */
  readonly origin: string;
}

/** The longest frame of the veth pair: its largest MTU and the Ethernet header. */
const LONGEST = 65535 + 14;
/** Size of the Ethernet header, in bytes. */
const ETHERNET = 14;

/** Returns all frames of the captures that can be sent, in the order of the files' names. */
export async function captureFrames(): Promise<Frame[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(CAPTURES)) {
    if (name.endsWith(".pcap")) names.push(name);
  }
  const frames: Frame[] = [];
  for (const name of names.sort()) {
    for (const [index, bytes] of (await readPcap(`${CAPTURES}/${name}`)).entries()) {
      const origin = `${name} frame ${index + 1}`;
      const mended = mend(bytes);
      frames.push({ bytes, origin });
      if (mended !== undefined) frames.push({ bytes: mended, origin: `${origin}, mended` });
    }
  }
  return frames.filter(({ bytes }) => bytes.length > ETHERNET && bytes.length <= LONGEST);
}

/** Reads the frames of a pcap file of either byte order. */
export async function readPcap(path: string): Promise<Uint8Array<ArrayBuffer>[]> {
  const file = await Deno.readFile(path);
  const view = new DataView(file.buffer);
  const little = view.getUint8(0) !== 0xa1;
  const frames: Uint8Array<ArrayBuffer>[] = [];
  for (let at = 24; at + 16 <= file.length;) {
    const length = view.getUint32(at + 8, little);
    frames.push(file.slice(at + 16, at + 16 + length));
    at += 16 + length;
  }
  return frames;
}

/**
 * Returns a pcap file with these frames, by default of link type EN10MB; the seconds of each are its
 * number.
 */
export function pcapOf(frames: readonly Frame[], linkType = 1): Uint8Array<ArrayBuffer> {
  const size = frames.reduce((sum, { bytes }) => sum + 16 + bytes.length, 24);
  const file = new Uint8Array(size);
  const view = new DataView(file.buffer);
  view.setUint32(0, 0xa1b2c3d4, true);
  view.setUint16(4, 2, true);
  view.setUint16(6, 4, true);
  view.setUint32(16, 0x40000, true);
  view.setUint32(20, linkType, true);
  let at = 24;
  for (const [number, { bytes }] of frames.entries()) {
    view.setUint32(at, number, true);
    view.setUint32(at + 8, bytes.length, true);
    view.setUint32(at + 12, bytes.length, true);
    file.set(bytes, at + 16);
    at += 16 + bytes.length;
  }
  return file;
}

/**
 * Returns the same frame as Linux accepts it: with a valid total length, the header checksum, and
 * no VLAN but the one that needs no device. The captures contain frames that were truncated, or
 * made for another test. Undefined if that is impossible.
 */
function mend(frame: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> | undefined {
  if (frame.length < 54) return undefined;
  const mended = frame.slice();
  const view = new DataView(mended.buffer);
  let at = ETHERNET;
  let type = view.getUint16(12);
  if (type === 0x8100) {
    view.setUint16(14, view.getUint16(14) & 0xf000);
    type = view.getUint16(16);
    at += 4;
  }
  const captured = frame.length - at;
  if (type === 0x0800) {
    const header = (frame[at]! & 0xf) * 4;
    if (header < 20 || header > captured) return undefined;
    mended[at] = 0x40 | header / 4;
    const total = view.getUint16(at + 2);
    if (total > captured || total < header) view.setUint16(at + 2, captured);
    checksumIpv4(mended, at);
  } else if (type === 0x86dd && captured >= 40) {
    mended[at] = 0x60 | frame[at]! & 0xf;
    if (40 + view.getUint16(at + 4) > captured) view.setUint16(at + 4, captured - 40);
  }
  return mended.every((byte, index) => byte === frame[index]) ? undefined : mended;
}

/** Writes the checksum of the IPv4 header at `at`, without which Linux drops a packet. */
export function checksumIpv4(bytes: Uint8Array<ArrayBuffer>, at: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  view.setUint16(at + 10, 0);
  let sum = 0;
  for (let i = 0; i < (bytes[at]! & 0xf) * 4; i += 2) sum += view.getUint16(at + i);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  view.setUint16(at + 10, ~sum & 0xffff);
}
