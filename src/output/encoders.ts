/** Registry of the outputs' pure halves, by type. */

import type { Encoders } from "../record/define.ts";
import { gprintEncoders } from "./gprint/encoder.ts";
import { graphiteEncoders } from "./graphite/encoder.ts";
import { ipfixEncoders } from "./ipfix/encoder.ts";
import { journalEncoders } from "./journal/encoder.ts";
import { jsonEncoders } from "./json/encoder.ts";
import { logemuEncoders } from "./logemu/encoder.ts";
import { nacctEncoders } from "./nacct/encoder.ts";
import { natsEncoders } from "./nats/encoder.ts";
import { oprintEncoders } from "./oprint/encoder.ts";
import { pcapEncoders } from "./pcap/encoder.ts";
import { prometheusEncoders } from "./prometheus/encoder.ts";
import { syslogEncoders } from "./syslog/encoder.ts";
import { rowEncoders } from "./table/row_encoders.ts";
import { xmlEncoders } from "./xml/encoder.ts";

/** Encoders by type of output; a new output is one line here and one in `outputs.ts`. */
export const encoders: Readonly<Record<string, Encoders>> = {
  clickhouse: rowEncoders,
  gprint: gprintEncoders,
  graphite: graphiteEncoders,
  ipfix: ipfixEncoders,
  journal: journalEncoders,
  json: jsonEncoders,
  logemu: logemuEncoders,
  mysql: rowEncoders,
  nacct: nacctEncoders,
  nats: natsEncoders,
  oprint: oprintEncoders,
  pcap: pcapEncoders,
  postgres: rowEncoders,
  prometheus: prometheusEncoders,
  sqlite: rowEncoders,
  syslog: syslogEncoders,
  xml: xmlEncoders,
};
