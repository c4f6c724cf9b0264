/** Converts ulogd's MYSQL plugin to a MySQL output. */

import type { Reasons, Settings } from "../../import/ulogd/settings.ts";
import type { Output } from "../../import/ulogd/table.ts";

const REASONS: Reasons = {
  reconnect: "not needed; nfscribe connects again by itself",
  connect_timeout: "has no counterpart; see connect_timeout in the URL",
  backlog_memcap: "not needed; rows wait in files (spool, spool_limit)",
  backlog_oneshot_requests: "not needed; see flush_rows",
  ring_buffer_size: "not needed; nfscribe's capture never waits for the database",
  procedure: "has no counterpart; nfscribe writes its own table, see table",
};

/** Socket of Debian's server, which MySQL's clients take for localhost. */
const SOCKET = "/run/mysqld/mysqld.sock";

/**
 * Makes the output. Its URL never contains the password.
 *
 * @param settings The plugin's settings.
 */
export function importMysql(settings: Settings): Output {
  const table = settings.take("table");
  const pass = settings.take("pass");
  const [user, database] = [settings.text("user", "ulogd"), settings.text("db", "ulogd")];
  const host = settings.text("host", "localhost");
  const port = settings.number("port")?.number ?? 0;
  const [role, name] = [user, database].map(encodeURIComponent);
  const isLocal = host === "localhost" && port === 0;
  const place = host.includes(":") ? `[${host}]` : encodeURIComponent(host);
  const url = isLocal
    ? `mysql://${role}@/${name}?socket=${SOCKET}`
    : `mysql://${role}@${place}${port === 0 ? "" : `:${port}`}/${name}`;
  return {
    entries: [["type", "mysql"], ["url", url]],
    notes: [
      ...pass?.value
        ? [
          `line ${pass.line}: the password stays out of this file: put it into ~/.my.cnf, MYSQL_PWD,`,
          "  or the whole URL into NFSCRIBE_MYSQL_URL",
        ]
        : [],
      ...table === undefined ? [] : [
        `line ${table.line}: table=${table.value}: nfscribe has tables of its own, packets and ` +
        "flows, and views ulog, ulog1 and ulog2_ct with ulogd's columns.",
        "  Make them once: nfscribe db init -c FILE (docs/mysql.md, Coming from ulogd)",
        '  Where that database has an "ulog" of ulogd\'s, write table = "log": the views are log_ulog and log_ulog1',
      ],
      ...settings.notes(REASONS),
    ],
  };
}
