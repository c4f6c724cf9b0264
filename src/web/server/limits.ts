/** Limits of the web server: nothing that a browser does makes it grow. */

/** Limits of connections and requests. */
export interface ServerLimits {
  /** Open connections at the most; a further one closes the oldest that is not being answered. */
  connections: number;
  /** Size limit of a request's head, in bytes. */
  headBytes: number;
  /** Time limit of a request's head, in milliseconds. */
  headMs: number;
  /** Time that a connection may be idle between two requests, in milliseconds. */
  idleMs: number;
  /** Time that a browser may read nothing while an answer waits for it, in milliseconds. */
  stuckMs: number;
}

/** Limits in use; tests have smaller ones. */
export const SERVER_LIMITS: ServerLimits = {
  connections: 256,
  headBytes: 16_384,
  headMs: 10_000,
  idleMs: 15_000,
  stuckMs: 60_000,
};

/** Limits of questions to the store. */
export interface QueryLimits {
  /** Questions that are answered at once. */
  atOnce: number;
  /** Questions that may wait. */
  waiting: number;
  /** Time that a question may take unless it asks for more, in milliseconds. */
  ms: number;
  /** The most time that one may ask for. */
  mostMs: number;
  /** The most rows of an answer. */
  rows: number;
  /** The most entries of a list of frequent values. */
  entries: number;
  /** The most buckets of a chart. */
  buckets: number;
}

/** Limits in use. */
export const QUERY_LIMITS: QueryLimits = {
  atOnce: 4,
  waiting: 64,
  ms: 5000,
  mostMs: 60_000,
  rows: 1000,
  entries: 100,
  buckets: 2000,
};

/** Limits of what browsers are sent as it happens. */
export interface LiveLimits {
  /** Browsers at the most. */
  browsers: number;
  /** Different expressions at the most: each is asked of the store by itself. */
  tails: number;
  /** Interval of the rows, in milliseconds. */
  rowsMs: number;
  /** The most rows of one event. */
  rows: number;
  /** Interval of the losses. */
  lossesMs: number;
  /** Interval of the daemon's counters. */
  statsMs: number;
}

/** Limits in use. */
export const LIVE_LIMITS: LiveLimits = {
  browsers: 128,
  tails: 32,
  rowsMs: 250,
  rows: 200,
  lossesMs: 2000,
  statsMs: 1000,
};

/** Limits of a download. */
export interface DownloadLimits {
  /** Time that it may take, in milliseconds. */
  ms: number;
  /** The most records. */
  records: number;
  /** Downloads at once. */
  atOnce: number;
}

/** Limits in use. */
export const DOWNLOAD_LIMITS: DownloadLimits = { ms: 600_000, records: 5_000_000, atOnce: 2 };
