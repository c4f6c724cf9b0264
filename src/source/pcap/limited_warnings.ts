/** Limits warnings about a file that other users may change as often as they like. */

/** Warnings that are passed on before the next packet is read. */
const WARNINGS_MAX = 8;

/**
 * Returns a function that passes on warnings: a few, until a further packet is read.
 *
 * @param warn Receives them.
 * @param packets Returns the number of packets read so far.
 */
export function limitedWarnings(
  warn: (message: string) => void,
  packets: () => number,
): (message: string) => void {
  let [count, before] = [0, 0];
  return (message) => {
    const now = packets();
    if (now !== before) count = 0;
    before = now;
    count++;
    if (count < WARNINGS_MAX) warn(message);
    if (count === WARNINGS_MAX) warn(`${message}; no more is logged of it until a packet is read`);
  };
}
