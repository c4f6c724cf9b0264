/*
 * Makes flows for connection tracking, as many as one core can: each UDP datagram goes
 * to another address and port of 198.18.0.0/15 (RFC 2544). Where that address is a local one, it is
 * the sender's, too: a datagram to the sender's own port would go to itself, and make no flow. So
 * the sender's port is none of the receivers'.
 *
 *     make_flows SECONDS FIRST
 *
 * FIRST is the number of the first flow, so that several runs make different ones.
 * Prints how many were made, and how many the kernel refused: its table was full.
 */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define BURST 128
#define NETWORK 0xc6120000u
#define ADDRESSES 131072u
#define FIRST_PORT 10000u
#define PORTS 50000u
#define OWN_PORT (FIRST_PORT + PORTS)

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	static struct mmsghdr messages[BURST];
	static struct sockaddr_in to[BURST];
	static char data[1];
	struct iovec part = { data, sizeof(data) };
	uint64_t made = 0, refused = 0;

	if (argc != 3) {
		fprintf(stderr, "usage: make_flows SECONDS FIRST\n");
		return 2;
	}
	uint64_t next = strtoull(argv[2], NULL, 10);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (fd < 0) {
		perror("socket");
		return 1;
	}
	struct sockaddr_in own = { .sin_family = AF_INET, .sin_port = htons(OWN_PORT) };
	if (bind(fd, (struct sockaddr *)&own, sizeof(own)) < 0) {
		perror("bind");
		return 1;
	}
	for (int i = 0; i < BURST; i++) {
		to[i].sin_family = AF_INET;
		messages[i].msg_hdr.msg_name = &to[i];
		messages[i].msg_hdr.msg_namelen = sizeof(to[i]);
		messages[i].msg_hdr.msg_iov = &part;
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	double end = now() + atof(argv[1]);
	while (now() < end) {
		for (int i = 0; i < BURST; i++, next++) {
			to[i].sin_addr.s_addr = htonl(NETWORK + next / PORTS % ADDRESSES);
			to[i].sin_port = htons(FIRST_PORT + next % PORTS);
		}
		for (int sent = 0; sent < BURST;) {
			int count = sendmmsg(fd, messages + sent, BURST - sent, 0);
			if (count > 0) {
				made += count;
				sent += count;
			} else if (errno == EPERM || errno == ENOBUFS || errno == ENOMEM) {
				refused++;
				sent++;
			} else if (errno != EINTR) {
				perror("sendmmsg");
				return 1;
			}
		}
	}
	printf("%llu %llu\n", (unsigned long long)made, (unsigned long long)refused);
	return 0;
}
