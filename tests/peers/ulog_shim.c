/*
 * Preloaded into ulogd: its ULOG input then listens on NETLINK_USERSOCK, where a
 * test can send, in place of NETLINK_NFLOG, which kernels since 3.17 lack.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <linux/netlink.h>
#include <sys/socket.h>

int socket(int domain, int type, int protocol)
{
	int (*real)(int, int, int) = dlsym(RTLD_NEXT, "socket");
	return real(domain, type, domain == AF_NETLINK && protocol == 5 ? NETLINK_USERSOCK : protocol);
}

/* ulogd takes messages from the kernel only, whose port id is 0. */
static void from_kernel(void *address)
{
	struct sockaddr_nl *from = address;
	if (from && from->nl_family == AF_NETLINK)
		from->nl_pid = 0;
}

ssize_t recvfrom(int fd, void *buffer, size_t size, int flags, struct sockaddr *from, socklen_t *length)
{
	ssize_t (*real)(int, void *, size_t, int, struct sockaddr *, socklen_t *) = dlsym(RTLD_NEXT, "recvfrom");
	ssize_t received = real(fd, buffer, size, flags, from, length);
	from_kernel(from);
	return received;
}

ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
	ssize_t (*real)(int, struct msghdr *, int) = dlsym(RTLD_NEXT, "recvmsg");
	ssize_t received = real(fd, message, flags);
	from_kernel(message->msg_name);
	return received;
}
