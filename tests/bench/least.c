/*
 * The least it costs in C to write the packets of an NFLOG group to a pcap file of
 * link type RAW: bind, receive, find each packet's payload and time by their
 * attributes, write. Nothing is checked but what must be, nothing is counted, no
 * filter is asked.
 *
 *     least GROUP FILE [COPY_RANGE [QUEUE_THRESHOLD]]
 *
 * The group's parameters are those of nfscribe: datagrams as large as the kernel makes
 * them, a receive buffer of 8 MiB, 512 packets or 100 ms to a datagram. A datagram is
 * one system call to receive and one to write.
 */

#include <arpa/inet.h>
#include <endian.h>
#include <fcntl.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_log.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define LINKTYPE_RAW 101
#define NLBUFSIZ (128 * 1024)
#define RECEIVE_BUFFER (8 * 1024 * 1024)
/* The kernel fills what its allocator hands out: the next power of two. */
#define DATAGRAM_MAX (256 * 1024)

struct record_header {
	uint32_t seconds, microseconds, captured, length;
};

static char datagram[DATAGRAM_MAX];
static char records[2 * DATAGRAM_MAX];

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static char *put(char *at, uint16_t type, const void *value, size_t length)
{
	struct nfattr *attribute = (struct nfattr *)at;
	attribute->nfa_type = type;
	attribute->nfa_len = NFA_LENGTH(length);
	memcpy(NFA_DATA(attribute), value, length);
	return at + NFA_SPACE(length);
}

static void configure(int fd, uint16_t group, uint32_t copy_range, uint32_t threshold)
{
	static char request[256];
	struct nlmsghdr *header = (struct nlmsghdr *)request;
	struct nfgenmsg *generic = NLMSG_DATA(header);
	struct nfulnl_msg_config_cmd bind = { .command = NFULNL_CFG_CMD_BIND };
	struct nfulnl_msg_config_mode mode = { htonl(copy_range), NFULNL_COPY_PACKET, 0 };
	uint32_t size = htonl(NLBUFSIZ), timeout = htonl(10), queue = htonl(threshold);
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	char *at = (char *)(generic + 1);

	at = put(at, NFULA_CFG_CMD, &bind, sizeof bind);
	at = put(at, NFULA_CFG_MODE, &mode, sizeof mode);
	at = put(at, NFULA_CFG_NLBUFSIZ, &size, sizeof size);
	at = put(at, NFULA_CFG_TIMEOUT, &timeout, sizeof timeout);
	at = put(at, NFULA_CFG_QTHRESH, &queue, sizeof queue);
	generic->version = NFNETLINK_V0;
	generic->res_id = htons(group);
	header->nlmsg_len = at - request;
	header->nlmsg_type = NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_CONFIG;
	header->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	if (sendto(fd, request, at - request, 0, (struct sockaddr *)&kernel, sizeof kernel) < 0)
		fail("send the request to bind");
	if (recv(fd, datagram, sizeof datagram, 0) < 0)
		fail("receive the answer");
	const struct nlmsgerr *answer = NLMSG_DATA((struct nlmsghdr *)datagram);
	if (answer->error != 0) {
		fprintf(stderr, "bind group %u: %s\n", group, strerror(-answer->error));
		exit(1);
	}
}

static int open_group(uint16_t group, uint32_t copy_range, uint32_t threshold)
{
	int one = 1, size = RECEIVE_BUFFER;
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER);
	if (fd < 0)
		fail("open a netlink socket");
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) < 0)
		fail("set the receive buffer");
	setsockopt(fd, SOL_NETLINK, NETLINK_NO_ENOBUFS, &one, sizeof one);
	configure(fd, group, copy_range, threshold);
	return fd;
}

static int open_pcap(const char *path)
{
	const uint32_t header[6] = { 0xa1b2c3d4, 4 << 16 | 2, 0, 0, 262144, LINKTYPE_RAW };
	int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_APPEND, 0640);
	if (fd < 0 || write(fd, header, sizeof header) != sizeof header)
		fail(path);
	return fd;
}

/* Writes the record of one packet; returns where the next one goes. */
static char *encode(char *out, const struct nlmsghdr *message, const struct timespec *now)
{
	const struct nfattr *attribute = (const void *)((const struct nfgenmsg *)NLMSG_DATA(message) + 1);
	const char *end = (const char *)message + message->nlmsg_len;
	const char *payload = NULL;
	struct record_header header = { now->tv_sec, now->tv_nsec / 1000, 0, 0 };

	while ((const char *)attribute + sizeof *attribute <= end && attribute->nfa_len >= sizeof *attribute) {
		const char *value = NFA_DATA(attribute);
		switch (NFA_TYPE(attribute)) {
		case NFULA_TIMESTAMP: {
			const struct nfulnl_msg_packet_timestamp *stamp = (const void *)value;
			header.seconds = be64toh(stamp->sec);
			header.microseconds = be64toh(stamp->usec);
			break;
		}
		case NFULA_PAYLOAD:
			payload = value;
			header.captured = attribute->nfa_len - sizeof *attribute;
			break;
		}
		attribute = (const void *)((const char *)attribute + NFA_ALIGN(attribute->nfa_len));
	}
	if (payload == NULL)
		return out;
	/* The length on the wire stands behind the network header's first bytes. */
	uint16_t total;
	memcpy(&total, payload + ((payload[0] & 0xf0) == 0x60 ? 4 : 2), sizeof total);
	header.length = ntohs(total) + ((payload[0] & 0xf0) == 0x60 ? 40 : 0);
	memcpy(out, &header, sizeof header);
	memcpy(out + sizeof header, payload, header.captured);
	return out + sizeof header + header.captured;
}

int main(int argc, char **argv)
{
	if (argc < 3) {
		fprintf(stderr, "Usage: least GROUP FILE [COPY_RANGE [QUEUE_THRESHOLD]]\n");
		return 2;
	}
	int file = open_pcap(argv[2]);
	int fd = open_group(atoi(argv[1]), argc > 3 ? atoi(argv[3]) : 0, argc > 4 ? atoi(argv[4]) : 512);

	for (;;) {
		struct timespec now;
		ssize_t length = recv(fd, datagram, sizeof datagram, 0);
		if (length < 0)
			fail("receive");
		clock_gettime(CLOCK_REALTIME, &now);
		char *out = records;
		for (const struct nlmsghdr *message = (void *)datagram; NLMSG_OK(message, length);
		     message = NLMSG_NEXT(message, length))
			if (message->nlmsg_type == (NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_PACKET))
				out = encode(out, message, &now);
		if (out > records && write(file, records, out - records) != out - records)
			fail(argv[2]);
	}
}
