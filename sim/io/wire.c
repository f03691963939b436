// SPDX-License-Identifier: Apache-2.0
#include "io.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ADDRESSES = 12, TAG = 4 }; /* bytes of a frame */

static int fail(int fd, struct io_error *err, const char *name, const char *what)
{
	io_fail(err, "%s: %s: %s", name, what, strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

static void set_name(struct ifreq *request, const char *name)
{
	memset(request, 0, sizeof(*request));
	snprintf(request->ifr_name, sizeof(request->ifr_name), "%s", name);
}

static int bring_up(const char *name)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0), result;
	struct ifreq request;

	set_name(&request, name);
	result = fd < 0 ? -1 : ioctl(fd, SIOCGIFFLAGS, &request);
	request.ifr_flags |= IFF_UP;
	result = result ? result : ioctl(fd, SIOCSIFFLAGS, &request);
	if (fd >= 0)
		close(fd);
	return result;
}

/* The interface is there as long as the program runs, or for good when it was made before. */
static int open_tap(const char *name, struct io_error *err)
{
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
	struct ifreq request;

	if (fd < 0)
		return fail(fd, err, name, "/dev/net/tun cannot be opened");
	set_name(&request, name);
	request.ifr_flags = IFF_TAP | IFF_NO_PI;
	if (ioctl(fd, TUNSETIFF, &request) || bring_up(name))
		return fail(fd, err, name, "it cannot be had as a TAP interface");
	return fd;
}

static int open_interface(const char *name, struct io_error *err)
{
	/* Of no protocol until it is bound: it would get frames of all interfaces. */
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, 0), on = 1;
	struct sockaddr_ll at = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};
	struct packet_mreq all = {.mr_type = PACKET_MR_PROMISC};
	struct ifreq request;

	if (fd < 0)
		return fail(fd, err, name, "a packet socket cannot be opened");
	set_name(&request, name);
	if (ioctl(fd, SIOCGIFINDEX, &request))
		return fail(fd, err, name, "there is no such interface");
	at.sll_ifindex = all.mr_ifindex = request.ifr_ifindex;
	if (bind(fd, (struct sockaddr *)&at, sizeof(at)) || setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &all, sizeof(all)) ||
	    setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &on, sizeof(on)))
		return fail(fd, err, name, "it cannot be listened to");
	return fd;
}

int wire_open(const char *name, struct io_error *err)
{
	const char *of = strchr(name, ':');

	if (of && (!of[1] || strlen(of + 1) >= IFNAMSIZ))
		return io_fail(err, "%s: the name of an interface has 1 to %d characters", name, IFNAMSIZ - 1);
	if (strncmp(name, "tap:", 4) == 0)
		return open_tap(name + 4, err);
	if (strncmp(name, "if:", 3) == 0)
		return open_interface(name + 3, err);
	return io_fail(err, "%s is no wire: tap:NAME or if:NAME", name);
}

/* The kernel takes the outer VLAN tag out of a frame and tells it beside it. There is room for it. */
static size_t put_tag(uint8_t *frame, size_t n, struct msghdr *msg)
{
	const struct cmsghdr *beside = CMSG_FIRSTHDR(msg);
	struct tpacket_auxdata aux;
	uint16_t tag[2];

	if (!beside || beside->cmsg_level != SOL_PACKET || beside->cmsg_type != PACKET_AUXDATA)
		return n;
	memcpy(&aux, CMSG_DATA(beside), sizeof(aux));
	if (!(aux.tp_status & TP_STATUS_VLAN_VALID) || n < ADDRESSES)
		return n;
	tag[0] = htons(aux.tp_status & TP_STATUS_VLAN_TPID_VALID ? aux.tp_vlan_tpid : ETH_P_8021Q);
	tag[1] = htons(aux.tp_vlan_tci);
	memmove(frame + ADDRESSES + TAG, frame + ADDRESSES, n - ADDRESSES);
	memcpy(frame + ADDRESSES, tag, TAG);
	return n + TAG;
}

/* What this very socket sent comes back on an interface, marked as outgoing. */
long wire_read(int fd, void *frame, size_t size)
{
	union {
		struct cmsghdr head;
		uint8_t room[CMSG_SPACE(sizeof(struct tpacket_auxdata))];
	} beside;
	struct sockaddr_ll from = {0};
	struct iovec bytes = {.iov_base = frame, .iov_len = size - TAG};
	struct msghdr msg = {.msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &bytes, .msg_iovlen = 1, .msg_control = &beside, .msg_controllen = sizeof(beside)};
	ssize_t n = recvmsg(fd, &msg, 0);

	if (n < 0 && errno == ENOTSOCK)
		return read(fd, frame, size);
	if (n > 0 && from.sll_pkttype == PACKET_OUTGOING)
		return 0;
	return n > 0 ? (long)put_tag(frame, (size_t)n, &msg) : n;
}

void wire_write(int fd, const void *frame, size_t len)
{
	if (write(fd, frame, len) < 0)
		return; /* a wire may lose a frame */
}
