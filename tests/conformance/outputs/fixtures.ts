/**
 * A fixture for each type of output; a new output is one line here.
 *
 * @module
 */

import { graphite, prometheus } from "./counters.ts";
import { ipfix, nacct } from "./accounts.ts";
import type { OutputFixture } from "./fixture.ts";
import { journal } from "./journal.ts";
import { json } from "./json.ts";
import { gprint, oprint, xml } from "./keys.ts";
import { logemu } from "./logemu.ts";
import { nats } from "./nats.ts";
import { pcap } from "./pcap.ts";
import { clickhouse, mysql, postgres, sqlite } from "./rows.ts";
import { syslog } from "./syslog.ts";

/** The fixtures, by type. */
export const outputFixtures: Readonly<Record<string, OutputFixture>> = {
  clickhouse,
  gprint,
  graphite,
  ipfix,
  journal,
  json,
  logemu,
  mysql,
  nacct,
  nats,
  oprint,
  pcap,
  postgres,
  prometheus,
  sqlite,
  syslog,
  xml,
};
