/**
 * The privileged half of every output, by type.
 *
 * @module
 */

import type { ConfigProblem } from "../errors.ts";
import type { Need } from "../permission.ts";
import type { Entries } from "../schema.ts";
import { fileNeeds } from "./file/needs.ts";
import { fileProblems } from "./file/options.ts";
import { logemuEntries, logemuProblems } from "./logemu/options.ts";
import { completeLogemuOptions, logemuNeeds, openLogemuWriter } from "./logemu/writer.ts";
import type { OutputLog, Writer } from "./output.ts";
import { pcapEntries } from "./pcap/options.ts";
import { openPcapWriter } from "./pcap/writer.ts";
import { postgresEntries } from "./postgres/options.ts";
import {
  type CompletePostgresOptions,
  completePostgresOptions,
  disclosedPostgresOptions,
  postgresNeeds,
  postgresProblems,
} from "./postgres/prepare.ts";

/** A type of output. */
export interface OutputType {
  /** What a configuration may say about it. */
  entries: Entries;
  /** What is wrong with options that are right one by one; keys without the output's name. */
  problems?(options: never): ConfigProblem[];
  /** Fills in what only the privileged side can know, before anybody uses the options. */
  complete?(options: Record<string, unknown>): Record<string, unknown>;
  /** The rights that it takes, with complete or incomplete options. */
  needs(options: never): Need[];
  /** What the sandbox is told of complete options; all of them where this is absent. */
  disclose?(options: never): Record<string, unknown>;
  /** Opens it with complete options. */
  open(options: never, log: OutputLog): Promise<Writer>;
}

/** The types there are; a new output is one line here and one in `encoders.ts`. */
export const writers: Readonly<Record<string, OutputType>> = {
  pcap: {
    entries: pcapEntries,
    problems: fileProblems,
    needs: fileNeeds,
    open: (options, { warn }) => openPcapWriter(options, warn),
  },
  logemu: {
    entries: logemuEntries,
    problems: logemuProblems,
    needs: logemuNeeds,
    complete: completeLogemuOptions,
    open: (options, { warn }) => openLogemuWriter(options, warn),
  },
  postgres: {
    entries: postgresEntries,
    problems: postgresProblems,
    needs: postgresNeeds,
    complete: completePostgresOptions,
    disclose: disclosedPostgresOptions,
    open: async (options: CompletePostgresOptions, log) => {
      // It takes memory that others need not have.
      const { PostgresWriter } = await import("./postgres/writer.ts");
      return await PostgresWriter.open(options, log);
    },
  },
};
