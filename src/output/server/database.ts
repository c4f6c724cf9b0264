/** The tables of an output on a server, for `nfscribe db` and `nfscribe doctor`. */

import { OutputError } from "../../errors.ts";
import { type Finding, fix, ok } from "../../finding.ts";
import type { Need } from "../../permission.ts";
import { databaseOption, type OutputExamination } from "../define.ts";
import type { Problem } from "../delivery/problem.ts";
import { type Connections, TableDatabase } from "../table/database.ts";
import type { RecordTable } from "../table/record_table.ts";
import { lookAtTables, type TableOptions } from "./examine.ts";
import type { Resolved } from "./resolved.ts";

/** The tables of an output on a server. */
export abstract class ServerDatabase<Connection, Client, Name, Options extends TableOptions>
  extends TableDatabase<Client, Name, Options> {
  /** Formats a connection for messages. */
  protected abstract readonly describe: (connection: Connection) => string;
  /** Explains an error of the server. */
  protected abstract readonly problemOf: (
    error: unknown,
    connection: Connection,
    doing: string,
  ) => Problem;
  /** Makes a table, or brings it up to date; throws an {@linkcode OutputError} if it must not. */
  protected abstract readonly change: (
    client: Client,
    record: RecordTable,
    name: Name,
    options: { create: boolean },
  ) => Promise<unknown>;

  /** Finds the connection; throws if it is not given. */
  protected abstract resolve(): Resolved<Connection>;
  protected abstract connect(connection: Connection): Promise<Client>;
  protected abstract close(client: Client): unknown;

  needs(): Need[] {
    return this.resolved().needs;
  }

  /** Examines the server and its tables: that of packets, and the others that are there. */
  async examine({ check, initCommand }: OutputExamination): Promise<Finding> {
    let connections: Connections<Client>;
    try {
      connections = this.connections();
    } catch (error) {
      return fix(check, (error as Error).message, "say where the database is with url");
    }
    const { where } = connections;
    let client: Client | undefined;
    try {
      const own = client = await connections.open();
      const found = await lookAtTables(this.options, {
        version: async (record) => {
          const { version } = await this.migration(own, record, this.names[record.kind]);
          return version;
        },
        require: (record) => this.change(own, record, this.names[record.kind], { create: false }),
      });
      return ok(check, `${where} answers; ${found}`);
    } catch (error) {
      if (error instanceof OutputError) {
        return fix(check, `${where} answers, but ${error.message}`, "make the table", [
          initCommand,
        ]);
      }
      const { message } = connections.problemOf(error, "connect");
      return fix(check, message, "see whether the server runs, and what the URL says");
    } finally {
      if (client !== undefined) await connections.close(client);
    }
  }

  protected connections(): Connections<Client> {
    const { connection } = this.resolved();
    return {
      where: this.describe(connection),
      open: () => this.connect(connection),
      close: (client) => this.close(client),
      problemOf: (error, doing) => this.problemOf(error, connection, doing),
    };
  }

  /**
   * Finds the connection.
   *
   * @throws {DatabaseOptionError} If it is not given.
   */
  protected resolved(): Resolved<Connection> {
    return databaseOption("url", () => this.resolve());
  }
}
