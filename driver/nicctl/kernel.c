// SPDX-License-Identifier: Apache-2.0
/* A NIC of the kernel: programs in it, in its driver, or in the network stack. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <ctype.h>
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nicctl.h"

enum { LOG_BYTES = 1 << 20, WHY_BYTES = 600, N_PLACES = 3 };

static const struct place {
	const char *mode, *where, *refused; /* as the user says it; where it runs; and where not */
	uint32_t flag;
} places[N_PLACES] = {
	{"offload", "in the NIC", "not in the NIC", XDP_FLAGS_HW_MODE},
	{"native", "in the driver", "not in the driver", XDP_FLAGS_DRV_MODE},
	{"generic", "in the network stack", "not in the network stack", XDP_FLAGS_SKB_MODE},
};

/* ---- Reasons ---- */

static char last_warning[WHY_BYTES];

/* libbpf passes on what the kernel says to an attachment as a warning. */
static int catch(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	if (level == LIBBPF_WARN)
		vsnprintf(last_warning, sizeof(last_warning), fmt, ap);
	return 0;
}

/* What the driver keeps of refusals that the kernel's interfaces have no room for; empty when it is no driver of ours, or nothing was refused. */
static void last_refusal(const char *dev, char *text, size_t size)
{
	char path[PATH_MAX], device[PATH_MAX];
	ssize_t n;
	FILE *f;

	*text = 0;
	snprintf(path, sizeof(path), "/sys/class/net/%s/device", dev);
	n = readlink(path, device, sizeof(device) - 1);
	if (n < 0)
		return;
	device[n] = 0;
	snprintf(path, sizeof(path), "/sys/kernel/debug/nicjit-%.64s/last_error", basename(device));
	f = fopen(path, "r");
	if (!f)
		return;
	if (!fgets(text, (int)size, f))
		*text = 0;
	text[strcspn(text, "\n")] = 0;
	fclose(f);
}

/* The line of a verifier log that says why: the driver's own if there is one, else the last one before the figures. */
static bool reason_in_log(char *log, char *why)
{
	static const char ours[] = "[nicjit] ";
	char *line = strstr(log, ours), *rest = log;

	if (line) {
		line += sizeof(ours) - 1;
	} else {
		for (char *l; (l = strsep(&rest, "\n"));)
			if (*l && strncmp(l, "processed ", 10) != 0 && *l != ';')
				line = l;
	}
	if (!line)
		return false;
	snprintf(why, WHY_BYTES, "%.*s", (int)strcspn(line, "\n"), line);
	return true;
}

/* What the kernel itself keeps from all drivers is said only as "invalid argument". */
static bool keeps_from_nics(struct bpf_object *object, char *why)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, object) {
		enum bpf_map_type type = bpf_map__type(map);

		if (type == BPF_MAP_TYPE_HASH || type == BPF_MAP_TYPE_PERF_EVENT_ARRAY || (type == BPF_MAP_TYPE_ARRAY && !bpf_map__is_internal(map)))
			continue;
		if (bpf_map__is_internal(map))
			snprintf(why, WHY_BYTES, "the kernel gives programs in a NIC no global data (%s)", bpf_map__name(map));
		else
			snprintf(why, WHY_BYTES, "the kernel lets programs in a NIC have maps of type array and hash, and %s is of type %s", bpf_map__name(map),
				 libbpf_bpf_map_type_str(type));
		return true;
	}
	return false;
}

/* Perf event arrays have theirs of libbpf. */
static bool lacks_entries(struct bpf_object *object, char *why)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, object)
		if (!bpf_map__max_entries(map) && bpf_map__type(map) != BPF_MAP_TYPE_PERF_EVENT_ARRAY) {
			snprintf(why, WHY_BYTES, "map %s has no entries (entries %s=N sets them)", bpf_map__name(map), bpf_map__name(map));
			return true;
		}
	return false;
}

/* ---- Loading ---- */

struct load {
	const char *path, *section;   /* or a program's name; NULL: the first one */
	const char *entries;          /* MAP=N[:MAP=N]..; NULL: as the object says */
	struct bpf_object *object;
	struct bpf_program *prog;
	char *log;
	int ifindex;
	char why[WHY_BYTES];
};

static int choose(struct load *l)
{
	struct bpf_program *p;

	bpf_object__for_each_program(p, l->object) {
		bool wanted = l->section ? strcmp(bpf_program__section_name(p), l->section) == 0 || strcmp(bpf_program__name(p), l->section) == 0
					 : bpf_program__type(p) == BPF_PROG_TYPE_XDP;

		bpf_program__set_autoload(p, wanted && !l->prog);
		if (wanted && !l->prog)
			l->prog = p;
	}
	return l->prog ? 0 : fail("%s: it holds no %s", l->path, l->section ? "program or section of that name" : "XDP program");
}

static int set_entries(struct load *l)
{
	const char *at = l->entries;

	while (at && *at) {
		int name = (int)strcspn(at, "=:");
		bool digit = at[name] == '=' && isdigit((unsigned char)at[name + 1]);
		char *end = NULL;
		unsigned long long n = digit ? strtoull(at + name + 1, &end, 10) : 0;
		struct bpf_map *map;
		bool found = false;

		if (!name || !n || n > UINT32_MAX || (*end && *end != ':'))
			return fail("'%s' is no map's name, '=' and a number of entries", at);
		bpf_object__for_each_map(map, l->object)
			if (!bpf_map__is_internal(map) && (int)strlen(bpf_map__name(map)) == name && strncmp(bpf_map__name(map), at, (size_t)name) == 0)
				found = bpf_map__set_max_entries(map, (uint32_t)n) == 0;
		if (!found)
			return fail("%s: it has no map '%.*s' whose entries may be set", l->path, name, at);
		at = end + (*end == ':');
	}
	return 0;
}

static int open_object(struct load *l)
{
	bpf_object__close(l->object);
	l->prog = NULL;
	l->object = bpf_object__open_file(l->path, NULL);
	if (!l->object)
		return fail("%s: it can't be read as a BPF object: %s", l->path, strerror(errno));
	if (choose(l) || set_entries(l))
		return -1;
	bpf_program__set_type(l->prog, BPF_PROG_TYPE_XDP);
	bpf_program__set_log_buf(l->prog, l->log, LOG_BYTES);
	return 0;
}

/* Perf event arrays stay with the host. */
static void bind_to_nic(struct load *l)
{
	struct bpf_map *map;

	bpf_program__set_ifindex(l->prog, (uint32_t)l->ifindex);
	bpf_object__for_each_map(map, l->object)
		if (bpf_map__type(map) != BPF_MAP_TYPE_PERF_EVENT_ARRAY)
			bpf_map__set_ifindex(map, (uint32_t)l->ifindex);
}

static int load_for(struct ctl *c, struct load *l, const struct place *p)
{
	bool nic = p->flag == XDP_FLAGS_HW_MODE;
	int error;

	*l->log = *last_warning = *l->why = 0;
	if (nic && keeps_from_nics(l->object, l->why))
		return -1;
	if (nic)
		bind_to_nic(l);
	error = bpf_object__load(l->object);
	if (!error)
		return 0;
	if (reason_in_log(l->log, l->why) || (error == -EINVAL && lacks_entries(l->object, l->why)))
		return -1;
	if (nic && bpf_program__fd(l->prog) < 0)
		last_refusal(c->dev, l->why, sizeof(l->why));
	if (!*l->why)
		snprintf(l->why, sizeof(l->why), "%s", strerror(-error));
	return -1;
}

/* The driver's and the stack's can't be there together. */
static void detach_others(const struct load *l, const struct place *kept)
{
	for (int i = 0; i < N_PLACES; i++)
		if (&places[i] != kept)
			bpf_xdp_detach(l->ifindex, places[i].flag, NULL);
}

static int attach(struct load *l, const struct place *p)
{
	static const char says[] = "Kernel error message: ";
	const char *text;
	int error;

	if (p->flag != XDP_FLAGS_HW_MODE)
		bpf_xdp_detach(l->ifindex, p->flag == XDP_FLAGS_DRV_MODE ? XDP_FLAGS_SKB_MODE : XDP_FLAGS_DRV_MODE, NULL);
	error = bpf_xdp_attach(l->ifindex, bpf_program__fd(l->prog), p->flag, NULL);
	if (!error)
		return 0;
	text = strstr(last_warning, says);
	snprintf(l->why, sizeof(l->why), "%s", text ? text + sizeof(says) - 1 : strerror(-error));
	l->why[strcspn(l->why, "\n")] = 0;
	return -1;
}

static uint32_t program_id(const struct load *l)
{
	struct bpf_prog_info info = {0};
	uint32_t size = sizeof(info);

	return bpf_obj_get_info_by_fd(bpf_program__fd(l->prog), &info, &size) ? 0 : info.id;
}

static int tell(struct ctl *c, const struct load *l, const struct place *p, json_t *refused)
{
	const char *mode, *why;
	json_t *value;

	if (c->json) {
		json_t *all = json_pack("{s:s,s:O}", "dev", c->dev, "refused", refused);

		if (p) {
			json_object_set_new(all, "mode", json_string(p->mode));
			json_object_set_new(all, "name", json_string(bpf_program__name(l->prog)));
			json_object_set_new(all, "id", json_integer(program_id(l)));
		}
		ctl_print(all);
		json_decref(all);
	} else {
		json_object_foreach(refused, mode, value)
			for (int i = 0; i < N_PLACES; i++)
				if ((why = json_string_value(value)) && strcmp(places[i].mode, mode) == 0)
					printf("%s: %s: %s\n", c->dev, places[i].refused, why);
		if (p)
			printf("%s: %s: %s, id %u\n", c->dev, p->where, bpf_program__name(l->prog), program_id(l));
	}
	return p ? 0 : fail("%s runs nowhere", l->path);
}

static int load_somewhere(struct ctl *c, struct load *l, const char *mode)
{
	json_t *refused = json_object();
	int result;

	for (int i = 0; i < N_PLACES; i++) {
		if (strcmp(mode, "auto") != 0 && strcmp(mode, places[i].mode) != 0)
			continue;
		if (open_object(l)) {
			json_decref(refused);
			return -1;
		}
		if (load_for(c, l, &places[i]) || attach(l, &places[i])) {
			json_object_set_new(refused, places[i].mode, json_string(l->why));
			continue;
		}
		detach_others(l, &places[i]);
		result = tell(c, l, &places[i], refused);
		json_decref(refused);
		return result;
	}
	result = tell(c, l, NULL, refused);
	json_decref(refused);
	return result;
}

/* ---- Commands ---- */

static int device(struct ctl *c)
{
	unsigned int n;

	if (!c->dev)
		return fail("which device? --dev NAME"), 0;
	n = if_nametoindex(c->dev);
	if (!n)
		fail("%s: there is no such network device", c->dev);
	return (int)n;
}

static int kernel_load(struct ctl *c, int argc, char **argv)
{
	const char *mode = "auto";
	struct load l = {.ifindex = device(c)};
	int result;

	if (!l.ifindex)
		return -1;
	if (argc < 1)
		return fail("load --dev DEV OBJECT [section NAME] [mode auto|offload|native|generic] [entries MAP=N[:MAP=N]..]");
	l.path = argv[0];
	for (int i = 1; i < argc; i += 2) {
		bool known = false;

		if (i + 1 < argc && strcmp(argv[i], "section") == 0)
			l.section = argv[i + 1], known = true;
		else if (i + 1 < argc && strcmp(argv[i], "entries") == 0)
			l.entries = argv[i + 1], known = true;
		else if (i + 1 < argc && strcmp(argv[i], "mode") == 0)
			for (int k = -1; k < N_PLACES && !known; k++)
				known = strcmp(mode = k < 0 ? "auto" : places[k].mode, argv[i + 1]) == 0;
		if (!known)
			return fail("load: %s is not understood; behind the object stand: section NAME, mode auto|offload|native|generic, entries MAP=N[:MAP=N]..", argv[i]);
	}
	l.log = malloc(LOG_BYTES);
	if (!l.log)
		return fail("out of memory");
	libbpf_set_print(catch);
	result = load_somewhere(c, &l, mode);
	bpf_object__close(l.object);
	free(l.log);
	return result;
}

static int kernel_unload(struct ctl *c, int argc, char **argv)
{
	struct load l = {.ifindex = device(c)};

	(void)argv;
	if (!l.ifindex)
		return -1;
	if (argc)
		return fail("unload takes no arguments");
	detach_others(&l, NULL);
	return 0;
}

static int show_one(struct ctl *c, const struct place *p, uint32_t id, json_t *all)
{
	struct bpf_prog_info info = {0};
	uint32_t size = sizeof(info);
	int fd;

	if (!id)
		return 0;
	fd = bpf_prog_get_fd_by_id(id);
	if (fd >= 0) {
		bpf_obj_get_info_by_fd(fd, &info, &size);
		close(fd);
	}
	if (c->json)
		json_array_append_new(all, json_pack("{s:s,s:s,s:i}", "mode", p->mode, "name", info.name, "id", (int)id));
	else
		printf("%s: %s: %s, id %u\n", c->dev, p->where, info.name, id);
	return 1;
}

static int kernel_show(struct ctl *c, int argc, char **argv)
{
	LIBBPF_OPTS(bpf_xdp_query_opts, opts);
	int ifindex = device(c), n;
	json_t *all;

	(void)argv;
	if (!ifindex)
		return -1;
	if (argc)
		return fail("prog show takes no arguments");
	if (bpf_xdp_query(ifindex, 0, &opts))
		return fail("%s: the kernel does not say what runs there: %s", c->dev, strerror(errno));
	all = json_array();
	n = show_one(c, &places[0], opts.hw_prog_id, all) + show_one(c, &places[1], opts.drv_prog_id, all) +
	    show_one(c, &places[2], opts.skb_prog_id, all);
	if (c->json)
		ctl_print(all);
	else if (!n)
		printf("%s: no program\n", c->dev);
	json_decref(all);
	return 0;
}

static int kernel_prog_dump(struct ctl *c, int argc, char **argv)
{
	char *end = NULL;
	unsigned long id = argc == 3 && strcmp(argv[0], "jited") == 0 && strcmp(argv[1], "id") == 0 ? strtoul(argv[2], &end, 10) : 0;

	if (!end || *end || !id || id > UINT32_MAX)
		return fail("prog dump jited id NUMBER; prog show and bpftool prog show have the numbers");
	return kernel_dump(c, (uint32_t)id);
}

static int kernel_last_error(struct ctl *c, int argc, char **argv)
{
	char text[WHY_BYTES];

	(void)argv;
	if (!device(c))
		return -1;
	if (argc)
		return fail("last error takes no arguments");
	last_refusal(c->dev, text, sizeof(text));
	puts(*text ? text : "nothing was refused");
	return 0;
}

const struct command kernel_commands[] = {
	{"load", NULL, kernel_load}, {"unload", NULL, kernel_unload}, {"prog", "load", kernel_load}, {"prog", "unload", kernel_unload},
	{"prog", "show", kernel_show}, {"prog", "dump", kernel_prog_dump}, {"last", "error", kernel_last_error}, {NULL, NULL, NULL},
};
