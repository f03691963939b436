// SPDX-License-Identifier: Apache-2.0
#include "wire.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "sim/io/io.h"

enum { FRAME_ROOM = 65536, LOOP_FRAMES = 1024, TRY_EVERY = 64, LOOP_ROOM = 2048, FLOWS = 1024, GEN_MIN = 60, GEN_MAX = 1514 };

struct loop {
	uint8_t frame[LOOP_FRAMES][LOOP_ROOM];
	uint16_t len[LOOP_FRAMES];
	unsigned int head, count;
};

struct sim_wire {
	enum { PCAP, LIVE, LOOP, GENERATOR, SOCKET, LINK } kind;
	struct pcap_io_reader *in;
	struct pcap_io_writer *out;
	int fd, peer;                 /* SOCKET, LINK: where it listens, or -1; who is at the other end, or -1 */
	struct sockaddr_un at;        /* SOCKET, LINK */
	unsigned int tried;           /* LINK: calls since it looked for the other end */
	struct loop *loop;            /* LOOP: frames on their way; LINK: those that the other end has not taken yet */
	size_t gen_len;
	unsigned int flow;
	uint8_t frame[FRAME_ROOM];
};

static struct sim_wire *refuse(struct sim_wire *w, char *why, size_t size, const char *text)
{
	snprintf(why, size, "%s", text);
	sim_wire_close(w);
	return NULL;
}

static bool is_same_file(const char *a, const char *b)
{
	struct stat of[2];

	return !stat(a, &of[0]) && !stat(b, &of[1]) && of[0].st_dev == of[1].st_dev && of[0].st_ino == of[1].st_ino && S_ISREG(of[0].st_mode);
}

static struct sim_wire *open_pcap(struct sim_wire *w, const char *names, char *why, size_t size)
{
	char *in = strdup(names), *out;
	struct io_error err;

	if (!in)
		abort();
	out = strchr(in, ':');
	if (out)
		*out++ = '\0';
	if (out && *out && is_same_file(in, out)) {
		free(in);
		return refuse(w, why, size, "pcap: what is sent would overwrite what is received; they are two files");
	}
	w->in = *in ? pcap_io_open(in, &err) : NULL;
	if (w->in || !*in)
		w->out = out && *out ? pcap_io_create(out, &err) : NULL;
	if ((*in && !w->in) || (out && *out && !w->out))
		w = refuse(w, why, size, err.text);
	free(in);
	return w;
}

static struct sim_wire *open_live(struct sim_wire *w, const char *name, char *why, size_t size)
{
	struct io_error err;

	w->kind = LIVE;
	w->fd = wire_open(name, &err);
	return w->fd < 0 ? refuse(w, why, size, err.text) : w;
}

/* Ethernet, IPv4 from 10.0.x.y to 192.0.2.1, UDP; the flow is in the source address. */
static struct sim_wire *open_generator(struct sim_wire *w, const char *len, char *why, size_t size)
{
	static const uint8_t head[] = {
		0x02, 0, 0, 0, 0, 1, 0x02, 0, 0, 0, 0, 2, 0x08, 0x00, 0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, 17, 0, 0, 10, 0, 0, 0, 192, 0, 2, 1,
		0x10, 0x00, 0x00, 0x35, 0, 0, 0, 0,
	};
	char *end = "";
	long n = *len ? strtol(len, &end, 10) : GEN_MIN;

	w->kind = GENERATOR;
	if (*end || n < GEN_MIN || n > GEN_MAX)
		return refuse(w, why, size, "gen: frames have 60 to 1514 bytes");
	w->gen_len = n;
	memcpy(w->frame, head, sizeof(head));
	w->frame[16] = (n - 14) >> 8;
	w->frame[17] = n - 14;
	w->frame[38] = (n - 34) >> 8;
	w->frame[39] = n - 34;
	return w;
}

static struct sim_wire *open_loop(struct sim_wire *w)
{
	w->kind = LOOP;
	w->loop = calloc(1, sizeof(*w->loop));
	if (!w->loop)
		abort();
	return w;
}

/* ---- Sockets ---- */

static bool set_path(struct sim_wire *w, const char *path)
{
	w->at.sun_family = AF_UNIX;
	snprintf(w->at.sun_path, sizeof(w->at.sun_path), "%s", path);
	return *path && strlen(path) < sizeof(w->at.sun_path);
}

/* What nobody listens at any more; nothing else is taken away. */
static void remove_stale(const struct sim_wire *w)
{
	struct stat st;

	if (!lstat(w->at.sun_path, &st) && S_ISSOCK(st.st_mode))
		unlink(w->at.sun_path);
}

static bool listens(struct sim_wire *w)
{
	w->fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0);
	if (w->fd >= 0 && !bind(w->fd, (struct sockaddr *)&w->at, sizeof(w->at)) && !listen(w->fd, 1))
		return true;
	if (w->fd >= 0)
		close(w->fd);
	w->fd = -1;
	return false;
}

static bool connects(struct sim_wire *w)
{
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0);

	if (fd >= 0 && !connect(fd, (struct sockaddr *)&w->at, sizeof(w->at))) {
		w->peer = fd;
		return true;
	}
	if (fd >= 0 && errno == ECONNREFUSED)
		remove_stale(w);
	if (fd >= 0)
		close(fd);
	return false;
}

static struct sim_wire *open_socket(struct sim_wire *w, const char *path, char *why, size_t size)
{
	w->kind = SOCKET;
	if (!set_path(w, path))
		return refuse(w, why, size, "sock: the path of a socket has 1 to 107 characters");
	if (connects(w))
		return refuse(w, why, size, "sock: somebody else listens at that path");
	return listens(w) ? w : refuse(w, why, size, "sock: nothing can be listened to at that path");
}

/* ---- Links: whoever comes first listens, and the other one connects; when one goes, the other waits for the next ---- */

static void look_for_peer(struct sim_wire *w)
{
	if (w->fd >= 0) {
		w->peer = accept4(w->fd, NULL, NULL, SOCK_NONBLOCK);
		return;
	}
	if (w->tried++ % TRY_EVERY)
		return;
	if (!connects(w))
		listens(w);
}

static void lose_peer(struct sim_wire *w)
{
	close(w->peer);
	w->peer = -1;
	w->tried = 0;
}

static struct sim_wire *open_link(struct sim_wire *w, const char *path, char *why, size_t size)
{
	w->kind = LINK;
	w->loop = calloc(1, sizeof(*w->loop));
	if (!w->loop)
		abort();
	if (!set_path(w, path))
		return refuse(w, why, size, "link: the path of a socket has 1 to 107 characters");
	if (connects(w))
		return w;
	return listens(w) ? w : refuse(w, why, size, "link: there is no socket at that path, and none can be made");
}

static void put(struct loop *l, const uint8_t *frame, size_t len)
{
	unsigned int at = (l->head + l->count) % LOOP_FRAMES;

	if (l->count == LOOP_FRAMES || len > LOOP_ROOM)
		return;
	l->count++;
	memcpy(l->frame[at], frame, len);
	l->len[at] = (uint16_t)len;
}

/* What waits, as far as the other end takes it. */
static void flush(struct sim_wire *w)
{
	struct loop *l = w->loop;

	if (w->peer < 0 && l->count)
		look_for_peer(w);
	while (w->peer >= 0 && l->count) {
		unsigned int at = l->head % LOOP_FRAMES;

		if (send(w->peer, l->frame[at], l->len[at], MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
			return;
		l->head++;
		l->count--;
	}
}

static size_t next_of_link(struct sim_wire *w, const uint8_t **frame)
{
	ssize_t n;

	if (w->peer < 0)
		look_for_peer(w);
	flush(w);
	if (w->peer < 0)
		return 0;
	n = recv(w->peer, w->frame, sizeof(w->frame), MSG_DONTWAIT);
	if (n == 0)
		lose_peer(w);
	*frame = w->frame;
	return n > 0 ? (size_t)n : 0;
}

struct sim_wire *sim_wire_open(const char *name, char *why, size_t size)
{
	struct sim_wire *w = calloc(1, sizeof(*w));

	if (!w)
		abort();
	w->fd = w->peer = -1;
	if (strncmp(name, "pcap:", 5) == 0)
		return open_pcap(w, name + 5, why, size);
	if (strncmp(name, "tap:", 4) == 0 || strncmp(name, "if:", 3) == 0)
		return open_live(w, name, why, size);
	if (strncmp(name, "sock:", 5) == 0)
		return open_socket(w, name + 5, why, size);
	if (strncmp(name, "link:", 5) == 0)
		return open_link(w, name + 5, why, size);
	if (strcmp(name, "loop") == 0)
		return open_loop(w);
	if (strcmp(name, "gen") == 0 || strncmp(name, "gen:", 4) == 0)
		return open_generator(w, name + 3 + (name[3] == ':'), why, size);
	snprintf(why, size, "%s: a wire is pcap:IN[:OUT], tap:NAME, if:NAME, sock:PATH, link:PATH, loop or gen[:BYTES]", name);
	sim_wire_close(w);
	return NULL;
}

void sim_wire_close(struct sim_wire *w)
{
	struct io_error err;

	if (!w)
		return;
	if (w->in)
		pcap_io_close(w->in);
	if (pcap_io_finish(w->out, &err))
		fprintf(stderr, "%s\n", err.text);
	if ((w->kind == LINK || w->kind == SOCKET) && w->fd >= 0)
		unlink(w->at.sun_path);
	if (w->fd >= 0)
		close(w->fd);
	if (w->peer >= 0)
		close(w->peer);
	free(w->loop);
	free(w);
}

static size_t next_of_capture(struct sim_wire *w, const uint8_t **frame)
{
	struct pcap_io_packet packet;
	struct io_error err;
	int got = w->in ? pcap_io_read(w->in, &packet, &err) : 0;

	if (got < 0)
		fprintf(stderr, "%s\n", err.text);
	if (got <= 0) {
		if (w->in)
			pcap_io_close(w->in);
		w->in = NULL;
		return 0;
	}
	*frame = packet.data;
	return packet.len;
}

static size_t next_of_loop(struct loop *l, const uint8_t **frame)
{
	unsigned int at = l->head % LOOP_FRAMES;

	if (!l->count)
		return 0;
	l->head++;
	l->count--;
	*frame = l->frame[at];
	return l->len[at];
}

/* The header's checksum goes with the address: the sum of both stays what it was. */
static size_t next_of_generator(struct sim_wire *w, const uint8_t **frame)
{
	uint32_t sum = 0;

	w->flow = (w->flow + 1) % FLOWS;
	w->frame[28] = w->flow >> 8;
	w->frame[29] = w->flow;
	w->frame[24] = w->frame[25] = 0;
	for (unsigned int i = 14; i < 34; i += 2)
		sum += w->frame[i] << 8 | w->frame[i + 1];
	sum = ~((sum & 0xffff) + (sum >> 16));
	w->frame[24] = sum >> 8;
	w->frame[25] = sum;
	*frame = w->frame;
	return w->gen_len;
}

static size_t next_of_socket(struct sim_wire *w, const uint8_t **frame)
{
	ssize_t n;

	if (w->peer < 0)
		w->peer = accept(w->fd, NULL, NULL);
	if (w->peer < 0)
		return 0;
	n = recv(w->peer, w->frame, sizeof(w->frame), MSG_DONTWAIT);
	if (n == 0) {
		close(w->peer);
		w->peer = -1;
	}
	*frame = w->frame;
	return n > 0 ? (size_t)n : 0;
}

size_t sim_wire_next(struct sim_wire *w, const uint8_t **frame)
{
	long n;

	switch (w->kind) {
	case PCAP:
		return next_of_capture(w, frame);
	case LOOP:
		return next_of_loop(w->loop, frame);
	case SOCKET:
		return next_of_socket(w, frame);
	case LINK:
		return next_of_link(w, frame);
	case GENERATOR:
		return next_of_generator(w, frame);
	default:
		n = wire_read(w->fd, w->frame, sizeof(w->frame));
		*frame = w->frame;
		return n > 0 ? n : 0;
	}
}

void sim_wire_sent(struct sim_wire *w, const uint8_t *frame, size_t len)
{
	if (w->kind == LIVE)
		wire_write(w->fd, frame, len);
	if (w->kind == SOCKET && w->peer >= 0)
		send(w->peer, frame, len, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (w->kind == PCAP && w->out)
		pcap_io_write(w->out, &(struct pcap_io_packet){.data = frame, .len = len});
	if (w->kind == LOOP || w->kind == LINK)
		put(w->loop, frame, len);
	if (w->kind == LINK)
		flush(w);
}
