/** Lists of options with a type and a length: those of IPv4, TCP and IPv6. */

import { ipv4Text } from "../../packet/address.ts";
import type { Layer } from "./layer.ts";
import { named, type Names } from "./values.ts";

/** Reads the value of an option; returns it for people, empty for none. */
export type OptionReader = (option: Layer, type: number) => string;

/** End of the list, and padding of one byte, in IPv4 as in TCP. */
const [END, NOP] = [0, 1] as const;
/** Padding of one byte in IPv6 (RFC 8200 section 4.2). */
const PAD1 = 0;

/** Reads options of IPv4 or TCP, whose length counts type and length, up to the layer's limit. */
export function headerOptions(into: Layer, names: Names, read: OptionReader): void {
  while (into.left > 0) {
    const type = into.peek(0, 1);
    if (type === END) {
      into.number("option", 1, () => "end of options");
      into.data("padding", into.left);
      return;
    }
    if (type === NOP) {
      into.number("option", 1, () => "no operation");
      continue;
    }
    const length = into.left > 1 ? into.peek(1, 1) : 2;
    if (length < 2) return into.malformed(`an option has a length of ${length}`);
    option(into, length, names, read);
  }
}

/** Reads options of IPv6, whose length counts their data, up to the layer's limit. */
export function ipv6Options(into: Layer, names: Names, read: OptionReader): void {
  while (into.left > 0) {
    if (into.peek(0, 1) === PAD1) into.number("option", 1, () => "Pad1");
    else option(into, into.left > 1 ? 2 + into.peek(1, 1) : 2, names, read);
  }
}

function option(into: Layer, length: number, names: Names, read: OptionReader): void {
  const type = into.peek(0, 1);
  into.part("option", length, (option) => {
    option.number("type", 1, named(names));
    option.number("length", 1);
    const value = option.isOver ? "" : read(option, type);
    return [names[type] ?? `type ${type}`, value].filter((word) => word !== "").join(" ");
  });
}

/** Reads IPv4 addresses up to the layer's limit; returns them in a line. */
export function addressList(into: Layer, name: string): string {
  const found: string[] = [];
  while (into.left >= 4) {
    into.value(name, 4, (bytes, at) => {
      found.push(ipv4Text(bytes, at));
      return found.at(-1)!;
    });
  }
  return found.join(" ");
}
