/*
 * Sends the same UDP datagram over and over, as fast as one core can or at a rate, and
 * prints how many that were a second. A rule logs and drops them.
 *
 *     generate COUNT SIZE ADDRESS PORT [RATE [ADDRESSES]]
 *
 * SIZE is the bytes of data in each, RATE datagrams a second at the most, 0 for no limit.
 * With ADDRESSES they go to so many addresses from ADDRESS on, in turn.
 */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#define BURST 64
/* Bursts at a rate come each millisecond. */
#define TURNS 1000

static char data[65536];

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

static void wait_for(double seconds)
{
	struct timespec time = { seconds, (seconds - (long)seconds) * 1e9 };

	nanosleep(&time, NULL);
}

int main(int argc, char **argv)
{
	static struct mmsghdr messages[BURST];
	struct iovec part = { .iov_base = data };
	struct sockaddr_in to = { .sin_family = AF_INET };
	static struct sockaddr_in each[BURST];
	double rate = argc > 5 ? atof(argv[5]) : 0;
	long addresses = argc > 6 ? atol(argv[6]) : 1;
	long burst = BURST;

	if (argc < 5 || inet_pton(AF_INET, argv[3], &to.sin_addr) != 1) {
		fprintf(stderr, "Usage: generate COUNT SIZE ADDRESS PORT [RATE]\n");
		return 2;
	}
	long count = atol(argv[1]);
	part.iov_len = atoi(argv[2]);
	to.sin_port = htons(atoi(argv[4]));
	if (part.iov_len > sizeof data)
		return 2;
	if (rate > 0 && rate / TURNS < BURST)
		burst = rate / TURNS < 1 ? 1 : rate / TURNS;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || (addresses <= 1 && connect(fd, (struct sockaddr *)&to, sizeof to) < 0)) {
		perror("connect a UDP socket");
		return 1;
	}
	for (int index = 0; index < BURST; index++) {
		messages[index].msg_hdr.msg_iov = &part;
		messages[index].msg_hdr.msg_iovlen = 1;
		each[index] = to;
		if (addresses > 1) {
			messages[index].msg_hdr.msg_name = &each[index];
			messages[index].msg_hdr.msg_namelen = sizeof to;
		}
	}
	double start = now();
	for (long sent = 0; sent < count;) {
		double early = rate > 0 ? start + sent / rate - now() : 0;
		if (early > 0)
			wait_for(early);
		for (long index = 0; addresses > 1 && index < burst; index++)
			each[index].sin_addr.s_addr =
				htonl(ntohl(to.sin_addr.s_addr) + (sent + index) % addresses);
		int done = sendmmsg(fd, messages, count - sent < burst ? count - sent : burst, 0);
		if (done < 0) {
			perror("send UDP datagrams");
			return 1;
		}
		sent += done;
	}
	printf("%.0f packets/s\n", count / (now() - start));
	return 0;
}
