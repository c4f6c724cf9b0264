/** Exit statuses. */

/** Done, or stopped by a signal. */
export const DONE = 0;
/** Failed while it ran. */
export const FAILED = 1;
/** Bad usage or configuration. */
export const BAD_USAGE = 2;
/** Done, or stopped by a signal; but packets were lost that the counters name. */
export const LOST = 3;
