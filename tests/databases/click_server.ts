/**
 * A ClickHouse for tests: a throw-away server on loopback with little memory, run by an unprivileged
 * user.
 *
 * @module
 */

import {
  freePort,
  giveAway,
  lacksServer,
  ThrowAwayServer,
  unprivileged,
} from "../system/server.ts";

/** The user of the tests, and a password with characters that a URL or XML must escape. */
export const USER = "nfscribe";
export const PASSWORD = "s3/cr@t<&";
/** A user who may change nothing, without a password. */
export const READER = "reader";

const DAEMON = "clickhouse-server";

/** Returns the reason why no server can run; undefined if it can. */
export function noServer(): string | undefined {
  return lacksServer("ClickHouse", DAEMON);
}

/** Options of a server. */
export interface ServerOptions {
  /** Files of its certificate and key, for HTTPS. */
  tls?: { cert: string; key: string };
}

/** A running server. */
export class ClickServer extends ThrowAwayServer {
  /** Its ports of HTTPS, and of its own protocol; the other one is that of HTTP. */
  readonly tlsPort: number = freePort();
  readonly nativePort: number = freePort();
  readonly #options: ServerOptions;

  private constructor(folder: string, options: ServerOptions) {
    super(folder);
    this.#options = options;
  }

  /** Creates a server and starts it. */
  static async start(options: ServerOptions = {}): Promise<ClickServer> {
    const folder = await Deno.makeTempDir({ prefix: "nfscribe_click_" });
    await giveAway(folder);
    const server = new ClickServer(folder, options);
    await Deno.writeTextFile(`${folder}/config.xml`, server.#config());
    await Deno.writeTextFile(`${folder}/users.xml`, USERS);
    await server.restart();
    await server.sql("CREATE DATABASE nfscribe");
    return server;
  }

  /** Returns the URL of a database. */
  url(database = "nfscribe", query = ""): string {
    return `http://${USER}@127.0.0.1:${this.port}/${database}${query}`;
  }

  protected get command(): string[] {
    return unprivileged([DAEMON, `--config-file=${this.folder}/config.xml`]);
  }

  protected override answers(): Promise<boolean> {
    return this.sql("SELECT 1").then(() => true, () => false);
  }

  /**
   * Runs a statement as the server's default user.
   *
   * @returns Lines of fields that are separated by tabs.
   * @throws {Error} If the server refuses it; the message is the server's.
   */
  async sql(statement: string, database = "default", settings = ""): Promise<string> {
    const place = `http://127.0.0.1:${this.port}/?database=${database}${settings}`;
    const response = await fetch(place, { method: "POST", body: statement });
    const text = await response.text();
    if (!response.ok || /^Code: \d+/m.test(text)) throw new Error(text);
    return text.trimEnd();
  }

  #config(): string {
    const { tls } = this.#options;
    const secure = tls === undefined ? "" : `<https_port>${this.tlsPort}</https_port>
  <openSSL><server><certificateFile>${tls.cert}</certificateFile>
  <privateKeyFile>${tls.key}</privateKeyFile><verificationMode>none</verificationMode></server></openSSL>`;
    return `<yandex>
  <logger><level>error</level><log>${this.folder}/log</log><errorlog>${this.folder}/errors</errorlog></logger>
  <http_port>${this.port}</http_port>${secure}
  <tcp_port>${this.nativePort}</tcp_port>
  <listen_host>127.0.0.1</listen_host>
  <path>${this.folder}/data/</path><tmp_path>${this.folder}/tmp/</tmp_path>
  <users_config>${this.folder}/users.xml</users_config>
  <default_profile>default</default_profile><default_database>default</default_database>
  <timezone>Asia/Tokyo</timezone>
  <mark_cache_size>33554432</mark_cache_size>
</yandex>`;
  }
}

const PLACE = "<networks><ip>127.0.0.1</ip></networks><quota>default</quota>";
const USERS = `<yandex>
  <profiles>
    <default><max_memory_usage>1000000000</max_memory_usage><max_threads>2</max_threads></default>
    <readonly><readonly>1</readonly></readonly>
  </profiles>
  <users>
    <default><password></password>${PLACE}<profile>default</profile></default>
    <${USER}><password>s3/cr@t&lt;&amp;</password>${PLACE}<profile>default</profile></${USER}>
    <${READER}><password></password>${PLACE}<profile>readonly</profile></${READER}>
  </users>
  <quotas><default/></quotas>
</yandex>`;
