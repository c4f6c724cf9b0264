/**
 * Module `nfscribe` for filter scripts: the names of the library, without functions that open
 * sockets and files.
 */

export {
  ConfigError,
  InputError,
  NetlinkError,
  OutputError,
  StaleCounterError,
  StaleFlowError,
  StalePacketError,
} from "../errors.ts";
export { cidr } from "../filter/cidr.ts";
export { ExpressionError } from "../filter/expression/error.ts";
export { expression } from "../filter/expression/expression.ts";
export { ports } from "../filter/ports.ts";

/** Throws: a filter decides about packets and opens nothing. */
export const capture: () => never = refused("capture");
/** Throws: a filter decides about flows and opens nothing. */
export const conntrack: () => never = refused("conntrack");
/** Throws: a filter decides about counters and opens nothing. */
export const accounting: () => never = refused("accounting");
/** Throws: a filter returns the names of outputs and opens none. */
export const pcapFile: () => never = refused("pcapFile");
/** Throws: a filter returns the names of outputs and opens none. */
export const logemuFile: () => never = refused("logemuFile");

function refused(name: string): () => never {
  return () => {
    throw new TypeError(
      `A filter cannot call ${name}(): it decides about the records that nfscribe hands to it`,
    );
  };
}
