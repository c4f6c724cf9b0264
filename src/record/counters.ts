/** Counters of a process: of its sources, filter and outputs, and of the hosts that sent to it. */

/** Counters of all packets. */
export interface Counters {
  /** Counters of sources, by name. */
  sources: Record<string, SourceStats>;
  /** Counters of the filter. */
  filter: FilterStats;
  /** Counters of outputs, by name. */
  outputs: Record<string, OutputStats>;
  /** Counters of the hosts whose records arrived, by name; absent where this host logged them. */
  hosts?: Record<string, HostStats>;
}

/** Counters of a source. */
export interface SourceStats {
  /** Packets received, malformed ones included. */
  received: number;
  /** Packets that the firewall logged and the kernel could not deliver. */
  lost: number;
  /** Malformed packets, which were skipped. */
  malformed: number;
  /** Datagrams that did not come from the kernel, which were skipped. */
  foreign: number;
}

/** Counters of the filter; each well-formed packet is in exactly one. */
export interface FilterStats {
  /** Packets sent to at least one output. */
  passed: number;
  /** Packets sent to no output. */
  dropped: number;
  /** Packets on which the filter threw; `on_error` decides where they go. */
  failed: number;
  /** Packets whose batch exceeded the filter's time limit; `on_error` decides where they go. */
  timedOut: number;
}

/** Counters of an output. */
export interface OutputStats {
  /** Packets written to the file. */
  written: number;
  /** Bytes written to the file. */
  bytes: number;
  /** Packets that could not be written. */
  failed: number;
  /** Packets dropped because the output was too slow. */
  dropped: number;
  /** Packets waiting on disk. */
  spooled: number;
  /** Packets that the filter sent elsewhere. */
  filtered: number;
  /** Lines that the filter script wrote; `bytes` includes them, `written` does not. */
  emitted: number;
}

/**
 * Counters of a host that sends its records. The first three are what the host says of itself, the
 * others what has arrived here since the start.
 */
export interface HostStats {
  /** Records that its firewall logged: those that it received and those that its kernel lost. */
  logged: number;
  /** Records that its kernel lost. */
  lost: number;
  /** Records that it delivered. */
  sent: number;
  /** Records that arrived here, each counted once. */
  received: number;
  /**
   * Records that it had sent before the first that arrived here, by their numbers: an earlier process
   * has taken them. Until one arrives, those that it had sent when this process began. Absent for none.
   */
  earlier?: number;
  /** Records that arrived here again. */
  repeated: number;
  /** Records that it sent and that did not arrive here, by gaps in their numbers. */
  missing: number;
  /** Time of its last message, in milliseconds since the Unix epoch. */
  lastSeenMs: number;
  /** Whether it said that it ends: 1, or 0. */
  stopped: number;
}
