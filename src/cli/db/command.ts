/** `nfscribe db`: creates, prints and maintains the tables of an output's database. */

import { type Command, oneOf } from "../command.ts";
import { outputs } from "../../output/outputs.ts";
import { CONFIG, FLAGS } from "../common_options.ts";
import { outputOption } from "../part_options.ts";

const DATABASES = Object.values(outputs).filter(({ database }) => database !== undefined);
const TYPES = oneOf(DATABASES.map(({ type }) => type));

/** `nfscribe db` */
export const dbCommand: Command = {
  name: "db",
  summary: "make and search the tables of a database, bring them up to date",
  details: `The database and its tables are those of the configuration file's output of type
${TYPES}, or of options. init and index may run every day, beside nfscribe run. Times of query are
in UTC; it takes no right but to read.`,
  operands: [{
    name: "ACTION",
    choices: {
      init: "make the tables, or bring older ones up to date; make partitions for the days to " +
        "come; delete what is older than retention_days, and move rows of older days into " +
        "partitions of their days",
      index: "make indexes for a search by address: in PostgreSQL on the days that are over",
      migrate: "bring older tables up to date; print the SQL first, with --dry-run only that",
      status: "show how many rows there are, since when, their size, who wrote them, and with a " +
        "configuration file how many wait in the spool",
      import: "load capture files into the table, every packet, without a filter; twice " +
        "the same file is twice its rows",
      query: "show packets or flows that an expression chooses, the newest first, or who had a " +
        "translated address and port; change nothing",
      schema: "print the SQL that makes the tables; connect to nothing",
    },
    help: "what to do",
  }, {
    name: "EXPR",
    many: true,
    isOptional: true,
    help:
      "of query an expression that chooses packets or flows, as in tcp port 22, all without it; of " +
      "import capture files",
  }],
  options: [
    CONFIG,
    { name: "output", value: "NAME", help: "the output, where the file has several" },
    ...DATABASES.map((type) => ({
      ...outputOption(type),
      help: `the database, as in ${type.shorthand.example}`,
    })),
    { name: "table", value: "NAME", help: "the table of packets, as in firewall.packets" },
    { name: "flows", help: "flows, not packets; as where the expression is about flows" },
    { name: "counters", help: "counters, not packets" },
    {
      name: "nat",
      value: "ADDRESS:PORT",
      help: "who had this translated address and port; the port may be left out",
    },
    {
      name: "at",
      value: "TIME",
      help: "of --nat the time, in UTC: 2026-01-31T10:00:05, 10:00, 5m; now without it",
    },
    {
      name: "since",
      value: "TIME",
      help: "records of query from then on: 1h, 7d, 2026-01-31T10:00",
    },
    { name: "until", value: "TIME", help: "records of query before that time" },
    { name: "limit", value: "N", help: "the most records of query (100)" },
    { name: "timeout", value: "TIME", help: "time that query and counting rows may take (60s)" },
    { name: "json", help: "an object a line, for other programs" },
    { name: "dry-run", help: "print what migrate would do, and do nothing" },
    ...FLAGS,
  ],
  examples: [
    ["nfscribe db init -c /etc/nfscribe/nfscribe.toml", "before the first start"],
    ["nfscribe db init --postgres postgres://owner@localhost/firewall", "the same without a file"],
    ["nfscribe db index --sqlite nfscribe.db", "for searches by address in a file"],
    [
      `nfscribe db query --sqlite nfscribe.db --since 1h 'tcp and prefix "DROP*"'`,
      "what was dropped in the last hour",
    ],
    ["nfscribe db query --json --limit 1000 host 192.0.2.1 | jq .prefix", "for other programs"],
    [
      'nfscribe db query --nat 198.51.100.7:40001 --at "2026-11-28 07:52:34"',
      "who had this address and port then",
    ],
    ["nfscribe db status -c /etc/nfscribe/nfscribe.toml", "how much there is, and waits"],
    ["nfscribe db import incident.pcap --sqlite incident.db", "a capture to search in"],
    ["nfscribe db schema --table firewall.packets", "what init would do, to read or for psql"],
  ],
  execute: async (options) => (await import("./db.ts")).execute(options),
};
