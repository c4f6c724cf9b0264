/** Arithmetic as it would be written, with all parentheses. */

import type { Arithmetic } from "../syntax.ts";

/** Returns arithmetic as text. */
export function arithmeticText(arithmetic: Arithmetic): string {
  switch (arithmetic.kind) {
    case "constant":
      return String(arithmetic.value);
    case "length":
      return "the length";
    case "load": {
      const { layer, etherType, index, size } = arithmetic;
      const name = etherType === undefined ? layer : `EtherType 0x${etherType.toString(16)}`;
      return `${name}[${arithmeticText(index)}${size === 1 ? "" : `:${size}`}]`;
    }
    case "binary":
      return `(${arithmeticText(arithmetic.left)} ${arithmetic.operator} ${
        arithmeticText(arithmetic.right)
      })`;
    case "negate":
      return `-${arithmeticText(arithmetic.operand)}`;
  }
}
