/** Registry of the outputs' privileged halves, by type. */

import type { OutputType } from "./define.ts";
import clickhouse from "./clickhouse/output.ts";
import gprint from "./gprint/output.ts";
import graphite from "./graphite/output.ts";
import ipfix from "./ipfix/output.ts";
import journal from "./journal/output.ts";
import json from "./json/output.ts";
import logemu from "./logemu/output.ts";
import mysql from "./mysql/output.ts";
import nacct from "./nacct/output.ts";
import nats from "./nats/output.ts";
import oprint from "./oprint/output.ts";
import pcap from "./pcap/output.ts";
import postgres from "./postgres/output.ts";
import prometheus from "./prometheus/output.ts";
import sqlite from "./sqlite/output.ts";
import syslog from "./syslog/output.ts";
import xml from "./xml/output.ts";

/** Outputs by type; a new output is one line here and one in `encoders.ts`. */
export const outputs: Readonly<Record<string, OutputType>> = Object.fromEntries(
  [
    ...[pcap, logemu, json, syslog, journal, postgres, mysql, sqlite, clickhouse, nats],
    ...[gprint, oprint, xml, nacct, ipfix, graphite, prometheus],
  ].map((output) => [output.type, output]),
);
