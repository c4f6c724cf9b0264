-- Who connected to the IMAP server within a week, most connections first.
SELECT source_address,
  destination_port AS port,
  count(*) AS connections,
  min(time)::timestamp(0) AS first_seen,
  max(time)::timestamp(0) AS last_seen
FROM packets
WHERE time >= now() - interval '7 days' AND prefix = 'imap'
GROUP BY source_address, port
ORDER BY connections DESC;
