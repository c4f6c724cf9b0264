/** Plan of a fleet, for an output that sends records from many hosts to a central nfscribe. */

/** Wishes for a fleet. */
export interface FleetPlan {
  /** Names of the hosts that send. */
  hosts: readonly string[];
  /** Names or addresses of the servers between. */
  servers: readonly string[];
  /** Tables of the hosts' sources. */
  sources: string;
  /** Tables of the outputs of the central nfscribe. */
  outputs: string;
}

/** A file of a fleet. */
export interface FleetFile {
  /** Path below the folder of the fleet. */
  path: string;
  text: string;
  /** Whether only its owner may read it. */
  isSecret?: boolean;
}

/** Files of a fleet, and the commands to type next. */
export interface FleetFiles {
  files: readonly FleetFile[];
  /** Users of further hosts, for servers that are there already. */
  users: {
    /** Path of the file of users. */
    path: string;
    /** Lines of the hosts. */
    text: string;
    /** Line of the file before which they go. */
    before: string;
  };
  /** Commands for a shell in the folder, each with what it does. */
  steps: readonly (readonly [line: string, help: string])[];
}

/** Makes the files of a fleet. */
export type FleetMaker = (plan: FleetPlan) => FleetFiles;
