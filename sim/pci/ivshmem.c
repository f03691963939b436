// SPDX-License-Identifier: Apache-2.0
/* QEMU's docs/specs/ivshmem-spec.txt, "Client-Server protocol". */
#include "ivshmem.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { PROTOCOL = 0, GUEST = 0, WE = 1 }; /* version; numbers of the two sides */

static int fail(struct ivshmem *s, char *why, size_t room, const char *what)
{
	snprintf(why, room, "%s: %s", what, strerror(errno));
	ivshmem_close(s);
	return -1;
}

int ivshmem_open(struct ivshmem *s, const char *path, size_t size, char *why, size_t room)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};

	*s = (struct ivshmem){.listener = -1, .memory = -1, .guest = -1, .doorbell = -1, .shared = MAP_FAILED, .size = size};
	for (int v = 0; v < IVSHMEM_VECTORS; v++)
		s->irq[v] = -1;
	if (strlen(path) >= sizeof(at.sun_path)) {
		errno = ENAMETOOLONG;
		return fail(s, why, room, path);
	}
	strcpy(at.sun_path, path);
	unlink(path);
	s->memory = memfd_create("nicjit", 0);
	if (s->memory < 0 || ftruncate(s->memory, (off_t)size))
		return fail(s, why, room, "shared memory");
	s->shared = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, s->memory, 0);
	s->doorbell = eventfd(0, EFD_NONBLOCK);
	for (int v = 0; v < IVSHMEM_VECTORS; v++)
		s->irq[v] = eventfd(0, EFD_NONBLOCK);
	s->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	if (s->shared == MAP_FAILED || s->doorbell < 0 || s->listener < 0)
		return fail(s, why, room, "shared memory");
	if (bind(s->listener, (struct sockaddr *)&at, sizeof(at)) || listen(s->listener, 1))
		return fail(s, why, room, path);
	return 0;
}

void ivshmem_close(struct ivshmem *s)
{
	int fds[] = {s->listener, s->memory, s->guest, s->doorbell};

	for (size_t i = 0; i < sizeof(fds) / sizeof(*fds); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	for (int v = 0; v < IVSHMEM_VECTORS; v++)
		if (s->irq[v] >= 0)
			close(s->irq[v]);
	if (s->shared != MAP_FAILED)
		munmap(s->shared, s->size);
}

/* A number, with a file when fd is not -1. */
static int tell(int guest, int64_t number, int fd)
{
	struct iovec bytes = {.iov_base = &number, .iov_len = sizeof(number)};
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {.head = {.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS}};
	struct msghdr message = {.msg_iov = &bytes, .msg_iovlen = 1};

	if (fd >= 0) {
		memcpy(CMSG_DATA(&control.head), &fd, sizeof(fd));
		message.msg_control = &control;
		message.msg_controllen = sizeof(control.room);
	}
	return sendmsg(guest, &message, MSG_NOSIGNAL) == sizeof(number) ? 0 : -1;
}

static int greet(const struct ivshmem *s)
{
	int bad = tell(s->guest, PROTOCOL, -1) || tell(s->guest, GUEST, -1) || tell(s->guest, -1, s->memory) || tell(s->guest, WE, s->doorbell);

	for (int v = 0; v < IVSHMEM_VECTORS; v++)
		bad = bad || tell(s->guest, GUEST, s->irq[v]);
	return bad ? -1 : 0;
}

int ivshmem_look(struct ivshmem *s)
{
	char byte;
	ssize_t n;

	if (s->guest < 0) {
		s->guest = accept(s->listener, NULL, NULL);
		if (s->guest < 0 || !greet(s))
			return s->guest >= 0;
	} else {
		n = recv(s->guest, &byte, sizeof(byte), MSG_DONTWAIT);
		if (n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR)))
			return 0;
	}
	close(s->guest);
	s->guest = -1;
	return -1;
}

void ivshmem_interrupt(const struct ivshmem *s, unsigned int vector)
{
	uint64_t one = 1;

	if (vector < IVSHMEM_VECTORS && write(s->irq[vector], &one, sizeof(one)) < 0 && errno != EAGAIN)
		perror("interrupt");
}

void ivshmem_wait(const struct ivshmem *s, int fd, int ms)
{
	struct pollfd on[] = {
		{.fd = s->doorbell, .events = POLLIN}, {.fd = s->guest >= 0 ? s->guest : s->listener, .events = POLLIN}, {.fd = fd, .events = POLLIN},
	};
	uint64_t rings;

	if (poll(on, sizeof(on) / sizeof(*on), ms) > 0 && on[0].revents && read(s->doorbell, &rings, sizeof(rings)) < 0 && errno != EAGAIN)
		perror("doorbell");
}
