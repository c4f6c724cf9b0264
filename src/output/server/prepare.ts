/** Parts of the definitions of all outputs whose rows go to a server. */

import type { ConfigProblem } from "../../errors.ts";
import type { Finding } from "../../finding.ts";
import type { Need } from "../../permission.ts";
import type { Database, OutputExamination } from "../define.ts";
import {
  type CompleteDelivery,
  completeDelivery,
  sandboxRowOptions,
} from "../delivery/complete.ts";
import { deliveryNeeds } from "../delivery/needs.ts";
import type { DeliveryOptions } from "../delivery/options.ts";
import { parsingProblems, tableProblems } from "../delivery/problems.ts";
import type { TableOptions } from "./examine.ts";
import type { Resolved } from "./resolved.ts";

/** Options of such an output. */
type ServerOptions = DeliveryOptions & TableOptions & {
  url?: string;
  hostname?: string;
  payload: boolean;
};

/** Options completed by the privileged process. */
export type CompleteServerOptions<Options, Connection> = Options & CompleteDelivery & {
  /** Connection to the database. */
  connection: Connection;
};

/** A product, as far as the parts differ. */
interface Product<Options, Connection> {
  /**
   * Resolves the connection.
   *
   * @throws {OutputError} If it is not given, or is invalid.
   */
  resolve(options: Options): Resolved<Connection>;
  /** Throws if a URL is none; without a URL the environment decides, at the start. */
  checkUrl(url: string): unknown;
  /** Throws if a table's name is none. */
  checkName(name: string): unknown;
  /** Loads the database, which takes memory that others need not have. */
  database(options: Options): Promise<ExaminedDatabase>;
}

/** A database that `nfscribe doctor` looks at. */
interface ExaminedDatabase extends Database {
  examine(examination: OutputExamination): Promise<Finding>;
}

/** Returns these parts. */
export function serverParts<Options extends ServerOptions, Connection>(
  { resolve, checkUrl, checkName, database }: Product<Options, Connection>,
) {
  return {
    kinds: ["packet", "flow", "counter"] as const,
    buffering: "spool" as const,
    problems: (options: Partial<Options>): ConfigProblem[] => [
      ...parsingProblems(options as ServerOptions, { url: checkUrl }),
      ...tableProblems(options, checkName),
    ],
    complete: (options: Options): CompleteServerOptions<Options, Connection> => {
      const { connection } = resolve(options);
      return { ...completeDelivery(options), connection };
    },
    permissions: (options: Options): Need[] => [
      ...deliveryNeeds(options),
      ...resolve(options).needs,
    ],
    unopened: (options: Options) => ({ hostname: "", session: crypto.randomUUID(), ...options }),
    database,
    examine: async (options: Options, examination: OutputExamination): Promise<Finding> =>
      await (await database(options)).examine(examination),
    sandboxOptions: (options: CompleteServerOptions<Options, Connection>) =>
      sandboxRowOptions(options),
  };
}
