/**
 * Whether the cost of a packet grows faster than the work. Pure.
 *
 * @module
 */

/** Measured costs for one number of what is varied. */
export interface Point {
  /** Number of groups, of terms, and so on. */
  count: number;
  /** Work of a packet, in any unit: costs may grow as it does. */
  work: number;
  /** Cost of a packet in the round that was least disturbed, in microseconds of CPU time. */
  cost: number;
}

/** The two points between which the cost grew most, compared with the work. */
export interface Growth {
  from: number;
  to: number;
  /** Ratio of their costs. */
  cost: number;
  /** Ratio of their work. */
  work: number;
  isTooFast: boolean;
}

/** Growth of the cost, above that of the work, which is noise or the processor's caches. */
const TOLERANCE = 1.5;

/** Returns the steepest growth between any two points, of which there are at least two. */
export function growthOf(points: readonly Point[]): Growth {
  const pairs = points.flatMap((from, index) =>
    points.slice(index + 1).map((to) => ({
      from: from.count,
      to: to.count,
      cost: to.cost / from.cost,
      work: to.work / from.work,
    }))
  );
  const steepest = pairs.reduce((most, pair) =>
    pair.cost / pair.work > most.cost / most.work ? pair : most
  );
  return { ...steepest, isTooFast: steepest.cost > TOLERANCE * steepest.work };
}

/** Formats the verdict about a series. */
export function sentenceOf({ from, to, cost, work, isTooFast }: Growth): string {
  const times = (ratio: number) => ratio.toFixed(2);
  return `${isTooFast ? "GROWS FASTER than the work" : "no faster than the work"}: ` +
    `from ${from} to ${to} the cost times ${times(cost)}, the work times ${times(work)}`;
}
