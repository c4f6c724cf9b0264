/** Conditions about ports. */

import { readBe16 } from "../../../bytes/memory.ts";
import type { Condition, Expression } from "../syntax.ts";
import { type Frame, NetworkCode, type Test } from "./frame.ts";

/** Condition about ports. */
type Ports = Extract<Condition, { kind: "port" }>;

/** Joins neighbours that differ in their ports alone, so that one bit of a table answers them. */
export function mergePorts(operands: readonly Expression[]): (Expression | Ports[])[] {
  const merged: (Expression | Ports[])[] = [];
  for (const operand of operands) {
    const last = merged.at(-1);
    if (operand.kind !== "port" || operand.direction === "both") merged.push(operand);
    else if (Array.isArray(last) && isAlike(last[0]!, operand)) last.push(operand);
    else merged.push([operand]);
  }
  return merged;
}

function isAlike(one: Ports, other: Ports): boolean {
  return one.direction === other.direction && one.protocols.join() === other.protocols.join();
}

/** Compiles one condition about ports, or several that differ in their ports alone. */
export function portTest(conditions: readonly Ports[], frame: Frame): Test {
  const [{ protocols, direction, first, last }] = conditions as [Ports];
  const isProtocol = new Uint8Array(256);
  for (const protocol of protocols) isProtocol[protocol] = 1;
  const isPort = new Uint8Array(0x1_0000);
  for (const { first, last } of conditions) isPort.fill(1, first, last + 1);

  /** Tests the ports at an offset. */
  const testAt = (at: number): boolean => {
    const { bytes, end } = frame;
    if (direction === "destination") {
      return at + 4 > end ? frame.cut() : isPort[readBe16(bytes, at + 2)] === 1;
    }
    if (at + 2 > end) return frame.cut();
    const source = readBe16(bytes, at);
    const isSource = isPort[source] === 1;
    if (direction === "source") return isSource;
    if (at + 4 > end) {
      // Each condition in its turn: the first one decides whether the other port matters.
      const isFirst = source >= first && source <= last;
      return isFirst === (direction === "either") ? isFirst : frame.cut();
    }
    const isDestination = isPort[readBe16(bytes, at + 2)] === 1;
    return direction === "either" ? isSource || isDestination : isSource && isDestination;
  };

  return () => {
    if (frame.network === NetworkCode.IPV4) {
      const { bytes, at } = frame;
      if (at + 10 > frame.end) return frame.cut();
      if (isProtocol[bytes[at + 9]!] !== 1) return false;
      if ((readBe16(bytes, at + 6) & 0x1fff) !== 0) return false;
      return testAt(at + (bytes[at]! & 0xf) * 4);
    }
    if (frame.network !== NetworkCode.IPV6 || !frame.findTransport()) return false;
    return isProtocol[frame.protocol] === 1 && frame.fragmentOffset === 0 &&
      testAt(frame.transport);
  };
}
