/**
 * Configurations that ulogd was shipped with, as settings only: the comments between them are
 * ulogd's own work and are omitted.
 *
 * @module
 */

/** ulogd 1.02: without sections. */
export const ULOGD_1_02 = `# ulogd 1.02
nlgroup 1
logfile /var/log/ulogd.log
loglevel 5
rmem 131071
bufsize 150000
plugin /usr/local/lib/ulogd/ulogd_BASE.so
syslogfile /var/log/ulogd.syslogemu
syslogsync 1
plugin /usr/local/lib/ulogd/ulogd_LOGEMU.so
dumpfile /var/log/ulogd.pktlog
#plugin /usr/local/lib/ulogd/ulogd_OPRINT.so
mysqltable ulog
mysqlpass changeme
mysqluser laforge
mysqldb ulogd
mysqlhost localhost
#plugin /usr/local/lib/ulogd/ulogd_MYSQL.so
pgsqltable ulog
pgsqlpass changeme
pgsqluser postgres
pgsqldb ulogd
pgsqlhost localhost
#plugin /usr/local/lib/ulogd/ulogd_PGSQL.so
pcapfile /var/log/ulogd.pcap
pcapsync 1
#plugin /usr/local/lib/ulogd/ulogd_PCAP.so
`;

/** ulogd 1.23: with sections. */
export const ULOGD_1_23 = `# ulogd 1.23
[global]
nlgroup=1
logfile="/var/log/ulogd.log"
loglevel=5
rmem=131071
bufsize=150000
plugin="/usr/lib/ulogd/ulogd_BASE.so"
plugin="/usr/lib/ulogd/ulogd_LOGEMU.so"
#plugin="/usr/lib/ulogd/ulogd_OPRINT.so"
#plugin="/usr/lib/ulogd/ulogd_MYSQL.so"
#plugin="/usr/lib/ulogd/ulogd_PGSQL.so"
#plugin="/usr/lib/ulogd/ulogd_SQLITE3.so"
#plugin="/usr/lib/ulogd/ulogd_PCAP.so"

[LOGEMU]
file="/var/log/ulogd.syslogemu"
sync=1

[OPRINT]
file="/var/log/ulogd.pktlog"

[MYSQL]
table="ulog"
pass="changeme"
user="laforge"
db="ulogd"
host="localhost"

[PGSQL]
table="ulog"
schema="public"
pass="changeme"
user="postgres"
db="ulogd"
host="localhost"

[SQLITE3]
table="ulog"
db="/path/to/sqlite/db"
buffer=200

[PCAP]
file="/var/log/ulogd.pcap"
sync=1
`;

/** ulogd 2.0.4: every stack is a comment. */
export const ULOGD_2_0_4 = `# ulogd 2.0.4
[global]
logfile="/var/log/ulogd.log"
# loglevel=1
plugin="/usr/lib/ulogd/ulogd_inppkt_NFLOG.so"
#plugin="/usr/lib/ulogd/ulogd_inppkt_ULOG.so"
plugin="/usr/lib/ulogd/ulogd_inpflow_NFCT.so"
plugin="/usr/lib/ulogd/ulogd_filter_IFINDEX.so"
plugin="/usr/lib/ulogd/ulogd_filter_IP2STR.so"
plugin="/usr/lib/ulogd/ulogd_filter_PRINTPKT.so"
plugin="/usr/lib/ulogd/ulogd_output_LOGEMU.so"
#plugin="/usr/lib/ulogd/ulogd_output_PCAP.so"
plugin="/usr/lib/ulogd/ulogd_raw2packet_BASE.so"

#stack=log1:NFLOG,base1:BASE,ifi1:IFINDEX,ip2str1:IP2STR,print1:PRINTPKT,emu1:LOGEMU

#stack=log2:NFLOG,base1:BASE,ifi1:IFINDEX,ip2str1:IP2STR,print1:PRINTPKT,emu1:LOGEMU

#stack=ulog1:ULOG,base1:BASE,ip2str1:IP2STR,print1:PRINTPKT,emu1:LOGEMU

#stack=log2:NFLOG,base1:BASE,mark1:MARK,ifi1:IFINDEX,ip2str1:IP2STR,print1:PRINTPKT,emu1:LOGEMU

#stack=log1:NFLOG,gp1:GPRINT

#stack=ct1:NFCT,ip2str1:IP2STR,print1:PRINTFLOW,emu1:LOGEMU

#stack=log1:NFLOG,xml1:XML

#stack=log2:NFLOG,base1:BASE,pcap1:PCAP

#stack=log2:NFLOG,base1:BASE,ifi1:IFINDEX,ip2str1:IP2STR,mac2str1:HWHDR,pgsql1:PGSQL

#stack=log3:NFLOG,base1:BASE,ifi1:IFINDEX,ip2str1:IP2STR,print1:PRINTPKT,sys1:SYSLOG

#stack=nuauth1:UNIXSOCK,base1:BASE,ip2str1:IP2STR,print1:PRINTPKT,sys1:SYSLOG

[ct1]
#netlink_socket_buffer_size=217088

[log1]
group=0
#netlink_socket_buffer_size=217088
#netlink_qthreshold=1
#netlink_qtimeout=100

[log2]
group=1 # Group has to be different from the one use in log1
#bind=1

[log3]
group=2 # Group has to be different from the one use in log1/log2
numeric_label=1 # you can label the log info based on the packet verdict

[ulog1]
nlgroup=1
#numeric_label=0 # optional argument

[nuauth1]
socket_path="/tmp/nuauth_ulogd2.sock"

[emu1]
file="/var/log/ulogd_syslogemu.log"
sync=1

[gp1]
file="/var/log/ulogd_gprint.log"
sync=1
timestamp=1

[xml1]
directory="/var/log/"
sync=1

[pcap1]
#file="/var/log/ulogd.pcap"
sync=1

[pgsql1]
db="nulog"
host="localhost"
user="nupik"
table="ulog"
#schema="public"
pass="changeme"
procedure="INSERT_PACKET_FULL"
#connstring="host=localhost port=4321 dbname=nulog user=nupik password=changeme"

[sys2]
facility=LOG_LOCAL2

[mark1]
mark = 1
`;
