// SPDX-License-Identifier: Apache-2.0
/* The telemetry socket: one request, one answer, each a packet of text. */
#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "nicctl.h"

enum { ROOM = 64 * 1024, REQUEST_MAX = 1023, SECONDS = 120 };

int fail(const char *fmt, ...)
{
	va_list ap;

	fputs("nicctl: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return -1;
}

static int connect_to(struct ctl *c, const char *path)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	struct timeval limit = {.tv_sec = SECONDS};
	char hello[1024];

	if (strlen(path) >= sizeof(at.sun_path))
		return errno = ENAMETOOLONG, -1;
	strcpy(at.sun_path, path);
	c->fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	if (c->fd < 0)
		return -1;
	setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	if (!connect(c->fd, (struct sockaddr *)&at, sizeof(at)) && recv(c->fd, hello, sizeof(hello), 0) > 0)
		return c->room = ROOM, 0;
	ctl_close(c);
	return -1;
}

void ctl_close(struct ctl *c)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
}

/* Where EAL keeps what running processes share. */
static void runtime_dir(char *text, size_t size)
{
	const char *own = getenv("RUNTIME_DIRECTORY"), *user = getenv("XDG_RUNTIME_DIR");

	snprintf(text, size, "%s/dpdk", own ? own : getuid() == 0 ? "/var/run" : user ? user : "/tmp");
}

static void socket_path(char *text, size_t size, const char *prefix)
{
	char dir[512];

	runtime_dir(dir, sizeof(dir));
	snprintf(text, size, "%s/%s/dpdk_telemetry.v2", dir, prefix);
}

/* Sends and receives; NULL: the process is gone, or its answer is no JSON. */
static json_t *exchange(struct ctl *c, const char *request)
{
	char *answer = malloc(c->room);
	ssize_t n = -1;
	json_t *all = NULL, *value;

	if (answer && send(c->fd, request, strlen(request), MSG_NOSIGNAL) > 0)
		do
			n = recv(c->fd, answer, c->room, 0);
		while (n < 0 && errno == EINTR); /* trace.c ends by a signal, but not before it has the answer */
	if (n > 0)
		all = json_loadb(answer, (size_t)n, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
	free(answer);
	value = json_is_object(all) && json_object_size(all) ? json_object_iter_value(json_object_iter(all)) : NULL;
	json_incref(value);
	json_decref(all);
	return value;
}

static bool has_port(struct ctl *c)
{
	json_t *ports = exchange(c, "/nicjit/ports");
	bool has = json_is_array(ports) && json_array_size(ports);

	json_decref(ports);
	return has;
}

/* The only process with a NIC. */
static int find(struct ctl *c)
{
	char dir[512], path[1024], found[1024] = "", names[1024] = "";
	unsigned int n = 0;
	struct dirent *e;
	DIR *d;

	runtime_dir(dir, sizeof(dir));
	d = opendir(dir);
	while (d && (e = readdir(d))) {
		if (e->d_name[0] == '.')
			continue;
		socket_path(path, sizeof(path), e->d_name);
		if (connect_to(c, path))
			continue;
		if (has_port(c)) {
			size_t used = strlen(names);

			snprintf(found, sizeof(found), "%s", path);
			snprintf(names + used, sizeof(names) - used, " %s", e->d_name);
			n++;
		}
		ctl_close(c);
	}
	if (d)
		closedir(d);
	if (n == 1)
		return connect_to(c, found) ? fail("%s: %s", found, strerror(errno)) : 0;
	if (n)
		return fail("several processes have a NIC:%s; say which one by --prefix", names);
	return fail("no running DPDK process below %s has a NIC of ours; --prefix says which EAL file prefix, --socket which socket", dir);
}

int ctl_open(struct ctl *c, const char *prefix, const char *path)
{
	char text[1024] = "";

	c->fd = -1;
	if (!prefix && !path)
		return find(c);
	if (!path) {
		socket_path(text, sizeof(text), prefix);
		path = text;
	}
	if (connect_to(c, path))
		return fail("%s: %s; a process without --no-telemetry has to run there", path, strerror(errno));
	return has_port(c) ? 0 : fail("the process has no NIC of ours");
}

/* {"error": sentence}, or ["error", pieces of it..]. */
static bool is_error(const json_t *value, char *text, size_t size)
{
	const char *why = json_string_value(json_object_get(value, "error"));
	size_t used = 0;

	if (why)
		return snprintf(text, size, "%s", why), true;
	why = json_string_value(json_array_get(value, 0));
	if (!why || strcmp(why, "error"))
		return false;
	for (size_t i = 1; i < json_array_size(value) && used < size; i++)
		used += (size_t)snprintf(text + used, size - used, "%s", json_string_value(json_array_get(value, i)));
	return true;
}

json_t *ctl_ask(struct ctl *c, const char *fmt, ...)
{
	char request[4096], why[4096];
	json_t *value;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(request, sizeof(request), fmt, ap);
	va_end(ap);
	if (n > REQUEST_MAX)
		return fail("a request of %d bytes is longer than the %d that DPDK's telemetry takes", n, (int)REQUEST_MAX), NULL;
	value = exchange(c, request);
	if (!value)
		return fail("the process gave no answer to %.40s", request), NULL;
	if (!is_error(value, why, sizeof(why)))
		return value;
	json_decref(value);
	return fail("%s", why), NULL;
}

char *ctl_ask_all(struct ctl *c, const char *command)
{
	char *text = calloc(1, 1);
	size_t size = 0, n = 1;

	while (text && n) {
		json_t *value = ctl_ask(c, "%s,%zu", command, size);
		const char *piece = json_string_value(value);
		char *more = piece ? realloc(text, size + strlen(piece) + 1) : NULL;

		if (!more) {
			free(text);
			text = NULL;
		} else {
			text = more;
			n = strlen(piece);
			strcpy(text + size, piece);
			size += n;
		}
		json_decref(value);
	}
	return text;
}

void ctl_print(const json_t *value)
{
	json_dumpf(value, stdout, JSON_INDENT(4) | JSON_PRESERVE_ORDER | JSON_ENCODE_ANY);
	putchar('\n');
}

uint64_t ctl_number(const json_t *object, const char *key)
{
	return (uint64_t)json_integer_value(json_object_get(object, key));
}

const char *ctl_string(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}
