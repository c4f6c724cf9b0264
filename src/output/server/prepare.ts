/** Prepares the options of outputs whose rows go to a server; their writers are loaded when they are opened. */

import type { ConfigProblem } from "../../errors.ts";
import type { Need } from "../../permission.ts";
import { type CompleteDelivery, completeDelivery } from "../delivery/complete.ts";
import { deliveryNeeds } from "../delivery/needs.ts";
import type { DeliveryOptions } from "../delivery/options.ts";
import { parsingProblems, tableProblems } from "../delivery/problems.ts";
import type { TableOptions } from "./examine.ts";
import type { Resolved } from "./resolved.ts";

/** Options of such an output. */
type ServerOptions = DeliveryOptions & TableOptions & { url?: string; hostname?: string };

/** Options completed by the privileged process. */
export type CompleteServerOptions<Options, Connection> = Options & CompleteDelivery & {
  /** Connection to the database. */
  connection: Connection;
};

/** Ways to check options, in which products differ. */
interface Checks<Options, Connection> {
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
}

/** Returns the part of an output's definition that prepares its options. */
export function serverPreparation<Options extends ServerOptions, Connection>(
  { resolve, checkUrl, checkName }: Checks<Options, Connection>,
) {
  return {
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
  };
}
