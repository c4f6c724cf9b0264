/** Registry of the outputs' pure halves, by type. */

import type { Encoders } from "../record/define.ts";
import { clickhouseEncoders } from "./clickhouse/encoder.ts";
import { gprintEncoders } from "./gprint/encoder.ts";
import { graphiteEncoders } from "./graphite/encoder.ts";
import { ipfixEncoders } from "./ipfix/encoder.ts";
import { journalEncoders } from "./journal/encoder.ts";
import { jsonEncoders } from "./json/encoder.ts";
import { logemuEncoders } from "./logemu/encoder.ts";
import { mysqlEncoders } from "./mysql/encoder.ts";
import { nacctEncoders } from "./nacct/encoder.ts";
import { natsEncoders } from "./nats/encoder.ts";
import { oprintEncoders } from "./oprint/encoder.ts";
import { pcapEncoders } from "./pcap/encoder.ts";
import { postgresEncoders } from "./postgres/encoder.ts";
import { prometheusEncoders } from "./prometheus/encoder.ts";
import { sqliteEncoders } from "./sqlite/encoder.ts";
import { syslogEncoders } from "./syslog/encoder.ts";
import { xmlEncoders } from "./xml/encoder.ts";

/** Encoders by type of output; a new output is one line here and one in `outputs.ts`. */
export const encoders: Readonly<Record<string, Encoders>> = {
  clickhouse: clickhouseEncoders,
  gprint: gprintEncoders,
  graphite: graphiteEncoders,
  ipfix: ipfixEncoders,
  journal: journalEncoders,
  json: jsonEncoders,
  logemu: logemuEncoders,
  mysql: mysqlEncoders,
  nacct: nacctEncoders,
  nats: natsEncoders,
  oprint: oprintEncoders,
  pcap: pcapEncoders,
  postgres: postgresEncoders,
  prometheus: prometheusEncoders,
  sqlite: sqliteEncoders,
  syslog: syslogEncoders,
  xml: xmlEncoders,
};
