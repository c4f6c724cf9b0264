import { assertEquals } from "@std/assert";
import { migrate } from "../../src/output/postgres/migrate.ts";
import { TABLE, testOnServer } from "./database.ts";
import { PACKETS } from "../../src/output/table/packets.ts";

/** Packets of every kind, by the columns of the table. */
const SAMPLES = `
INSERT INTO packets (time, capture, prefix, hook, mark, in_dev, hardware_source, hardware_destination,
  ethertype, source_address, destination_address, protocol, source_port, destination_port, tcp_flags,
  icmp_type, icmp_code, length, ttl, tos, uid) VALUES
('2024-02-29 12:00:01.234567Z', 'nflog:1', 'drop: ', 1, 4294967295, 'eth0', '02:00:00:00:00:01',
  '02:00:00:00:00:02', 2048, '192.0.2.1', '198.51.100.1', 6, 40000, 22, 2, NULL, NULL, 60, 64, 16, 1000),
('2024-02-29 12:00:02Z', 'nflog:1', 'drop: ', 1, NULL, 'eth0', NULL,
  NULL, 2048, '192.0.2.1', '198.51.100.1', 17, 5353, 53, NULL, NULL, NULL, 70, 63, 0, NULL),
('2024-02-29 12:00:03Z', 'nflog:1', 'drop: ', 1, NULL, 'eth0', NULL,
  NULL, 2048, '192.0.2.2', '198.51.100.1', 1, NULL, NULL, NULL, 8, 0, 84, 62, 0, NULL),
('2024-02-29 12:01:00Z', 'nflog:1', 'six: ', 1, NULL, 'eth0', NULL,
  NULL, 34525, '2001:db8::1', '2001:db8::2', 58, NULL, NULL, NULL, 128, 0, 104, 255, 3, NULL),
('2024-02-29 12:01:01Z', 'nflog:1', 'six: ', 1, NULL, 'eth0', NULL,
  NULL, 34525, '2001:db8::1', '2001:db8::2', 132, 7, 9, NULL, NULL, NULL, 104, 255, 3, NULL),
('2024-02-29 12:01:02Z', 'nflog:2', NULL, NULL, NULL, 'eth1', NULL,
  NULL, 2054, '192.0.2.1', '192.0.2.9', NULL, NULL, NULL, NULL, NULL, NULL, 28, NULL, NULL, NULL),
('1969-12-31 23:59:59.5Z', 'nflog:2', NULL, NULL, NULL, NULL, NULL,
  NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
('infinity', 'nflog:2', NULL, NULL, NULL, NULL, NULL,
  NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)`;

/** Columns of ulogd 2.0.8's own view (pgsql-ulogd2.sql). */
const ULOGD_COLUMNS =
  `_id oob_time_sec oob_time_usec oob_hook oob_prefix oob_mark oob_in oob_out oob_family
  ip_saddr_str ip_daddr_str ip_protocol ip_tos ip_ttl ip_totlen ip_ihl ip_csum ip_id ip_fragoff
  ip6_payloadlen ip6_priority ip6_hoplimit ip6_flowlabel ip6_fragoff ip6_fragid tcp_sport tcp_dport
  tcp_seq tcp_ackseq tcp_window tcp_urg tcp_urgp tcp_ack tcp_psh tcp_rst tcp_syn tcp_fin udp_sport
  udp_dport udp_len icmp_type icmp_code icmp_echoid icmp_echoseq icmp_gateway icmp_fragmtu icmpv6_type
  icmpv6_code icmpv6_echoid icmpv6_echoseq icmpv6_csum raw_type mac_str mac_saddr_str mac_daddr_str
  oob_protocol raw_label sctp_sport sctp_dport sctp_csum`;

await testOnServer("The views on a real server", {
  async "The view ulog shows what ulogd would"(database) {
    await migrate(database.as(), PACKETS, TABLE, { create: true });
    await database.psql(SAMPLES);
    const see = (columns: string) => database.psql(`SELECT ${columns} FROM ulog ORDER BY time`);
    assertEquals(
      await see("oob_time_sec, oob_time_usec, oob_family, oob_mark, oob_prefix, oob_in, oob_uid"),
      "-1|500000|||||\n1709208001|234567|2|4294967295|drop: |eth0|1000\n1709208002|0|2||drop: |eth0|\n" +
        "1709208003|0|2||drop: |eth0|\n1709208060|0|10||six: |eth0|\n1709208061|0|10||six: |eth0|\n" +
        "1709208062|0|3|||eth1|\n||||||",
    );
    assertEquals(
      (await see(
        "ip_saddr_str, ip_daddr_str, ip_ttl, ip_tos, ip_totlen, ip6_hoplimit, ip6_payloadlen",
      ))
        .split("\n").slice(1, 7),
      [
        "192.0.2.1|198.51.100.1|64|16|60||",
        "192.0.2.1|198.51.100.1|63|0|70||",
        "192.0.2.2|198.51.100.1|62|0|84||",
        "2001:db8::1|2001:db8::2||||255|64",
        "2001:db8::1|2001:db8::2||||255|64",
        "||||||",
      ],
    );
    assertEquals(
      (await see(
        "tcp_sport, tcp_dport, tcp_syn, tcp_ack, udp_sport, udp_dport, icmp_type, icmp_code, " +
          "icmpv6_type, sctp_dport, mac_str, mac_saddr_str",
      )).split("\n").slice(1, 6),
      [
        "40000|22|t|f|||||||02:00:00:00:00:02:02:00:00:00:00:01:08:00|02:00:00:00:00:01",
        "||||5353|53||||||",
        "||||||8|0||||",
        "||||||||128|||",
        "|||||||||9||",
      ],
    );
  },

  async "The view ulog has every column of ulogd's own"(database) {
    await migrate(database.as(), PACKETS, TABLE, { create: true });
    const columns = await database.psql(
      "SELECT attname FROM pg_attribute WHERE attrelid = 'ulog'::regclass AND attnum > 0",
    );
    for (const name of ULOGD_COLUMNS.split(/\s+/)) {
      assertEquals(columns.split("\n").includes(name), true, name);
    }
  },

  async "The other views add up"(database) {
    await migrate(database.as(), PACKETS, TABLE, { create: true });
    await database.psql(SAMPLES);
    const see = (view: string) => database.psql(`SET timezone = 'UTC'; SELECT ${view}`);
    assertEquals(
      await see(
        "minute, prefix, packets, bytes FROM packets_per_minute WHERE prefix IS NOT NULL ORDER BY 1",
      ),
      "2024-02-29 12:00:00+00|drop: |3|214\n2024-02-29 12:01:00+00|six: |2|208",
    );
    assertEquals(
      await see("source_address, packets, bytes, last_seen FROM top_sources LIMIT 1"),
      "192.0.2.1|3|158|2024-02-29 12:01:02+00",
    );
    assertEquals(
      await see("protocol, destination_port, packets, bytes, sources FROM top_ports ORDER BY 1"),
      "6|22|1|60|1\n17|53|1|70|1\n132|9|1|104|1",
    );
  },
});
