/**
 * The filter of the benchmark: checks a port, as filters do.
 *
 * @module
 */

import type { Filter } from "nfscribe";

export default ((packet) => packet.destinationPort === 9) satisfies Filter;
