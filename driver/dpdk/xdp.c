// SPDX-License-Identifier: Apache-2.0
/* The XDP program of a port: from the object to the NIC or, where that can't be, to the host. */
#include <pthread.h>
#include <rte_malloc.h>
#include <stdlib.h>

#include "driver/common/image.h"
#include "hw/spec/regs.h"
#include "jit-nfp/load.h"
#include "pmd.h"

/* A program, and all that is known of it: either an image in the NIC, or native code. */
struct program {
	char *path, *name;
	struct host_prog *host;       /* NULL: it is in the NIC */
	uint8_t *memory;              /* the compiler's; the image lies in it */
	struct image image;
	struct nic_place place;
};

struct nicjit_xdp {
	pthread_mutex_t lock;
	struct program *program;      /* NULL: none */
	char why[NICJIT_WHY];         /* why nothing runs, or not in the NIC; empty: it does */
};

static void program_free(struct program *p)
{
	if (!p)
		return;
	free(p->path);
	free(p->name);
	free(p->memory);
	host_free(p->host);
	free(p);
}

static int fail(char why[NICJIT_WHY], int error, const char *text)
{
	snprintf(why, NICJIT_WHY, "%s", text);
	return error;
}

static struct target target_of(const struct nicjit_dev *d)
{
	struct target t = target_default;
	uint32_t core = nicjit_get(d, REG_CAP_CORE);

	t.lanes = core >> CAP_CORE_LANES_LSB & 0xf;
	t.regs = core >> CAP_CORE_REGS_LSB & 0xff;
	t.bundles = nicjit_get(d, REG_CAP_IMEM) - 1; /* bundle 0 is plain pass */
	t.maps = nicjit_get(d, REG_CAP_MAPS);
	t.map_words = nicjit_get(d, REG_CAP_MAP);
	t.cpus = d->cores * d->threads;
	return t;
}

static int describe(char why[NICJIT_WHY], const struct diag *diag)
{
	snprintf(why, NICJIT_WHY, "%s%s%s", diag->text, diag->note[0] ? "; " : "", diag->note);
	return -EINVAL;
}

static int compile(const struct nicjit_dev *d, struct program *p, const struct prog *prog, char why[NICJIT_WHY])
{
	size_t size = nicjit_mem_size(prog->n_insns, prog->n_maps);
	struct target target = target_of(d);
	struct image_buf out;
	struct diag diag = {.insn = -1};
	const char *bad;

	p->memory = malloc(size);
	if (!p->memory)
		return fail(why, -ENOMEM, "out of memory");
	if (nicjit_compile(prog, &target, p->memory, size, NULL, &out, &diag))
		return describe(why, &diag);
	bad = image_parse(out.bytes, out.size, &p->image);
	return bad ? fail(why, -EINVAL, bad) : 0;
}

static int refuse(char why[NICJIT_WHY], const struct nic_refusal *r)
{
	snprintf(why, NICJIT_WHY, "%s", r->text);
	if (r->has_numbers)
		snprintf(why, NICJIT_WHY, "%s (needed %u, there is %u)", r->text, r->need, r->have);
	return -ENOSPC;
}

/* Beside the one that runs, when it has the same maps and there is room; else the NIC stops for it, which loses nothing either: frames
 * wait on the wire. */
static int put_into_nic(struct nicjit_dev *d, struct program *p, char why[NICJIT_WHY])
{
	struct nicjit_xdp *x = d->xdp;
	struct nic_refusal refusal;

	if (x->program && !x->program->host) {
		p->place = x->program->place;
		if (!nic_reload(&d->bus->regs, &p->image, &p->place, &refusal))
			return 0;
	}
	if (nic_load(&d->bus->regs, &p->image, &p->place, &refusal))
		return refuse(why, &refusal);
	if (d->started)
		nicjit_run(d);
	return 0;
}

/* Plain pass in the NIC, whatever ran there. */
static int clear_nic(struct nicjit_dev *d, char why[NICJIT_WHY])
{
	struct nic_refusal refusal;

	return nic_detach(&d->bus->regs, &refusal) ? refuse(why, &refusal) : 0;
}

static int to_nic(struct nicjit_dev *d, struct program *p, const struct prog *prog, char why[NICJIT_WHY])
{
	int error = compile(d, p, prog, why);

	if (!error)
		error = put_into_nic(d, p, why);
	if (!error)
		nicjit_host_set(d, NULL);
	return error;
}

static int to_host(struct nicjit_dev *d, struct program *p, const struct prog *prog, char why[NICJIT_WHY])
{
	const struct program *before = d->xdp->program;
	int error;

	p->host = host_compile(prog, d->queues, why);
	if (!p->host)
		return -EINVAL;
	nicjit_host_set(d, p->host);
	error = clear_nic(d, why);
	if (error)
		nicjit_host_set(d, before ? before->host : NULL);
	return error;
}

/* Where it goes; the NIC's refusal stays in why. */
static int place_program(struct nicjit_dev *d, struct program *p, const struct prog *prog, enum nicjit_xdp_want want, char why[NICJIT_WHY])
{
	char host_why[NICJIT_WHY];
	int error = want == NICJIT_WANT_HOST ? -EINVAL : to_nic(d, p, prog, why);

	if (!error || want == NICJIT_WANT_OFFLOAD)
		return error;
	error = to_host(d, p, prog, host_why);
	if (error && want == NICJIT_WANT_HOST)
		snprintf(why, NICJIT_WHY, "%s", host_why);
	return error;
}

static int load_locked(struct nicjit_dev *d, const char *path, const char *section, enum nicjit_xdp_want want, char why[NICJIT_WHY])
{
	struct program *p = calloc(1, sizeof(*p)), *before = d->xdp->program;
	struct loaded loaded;
	struct diag diag = {.insn = -1};
	int error;

	if (!p)
		rte_panic("out of memory\n");
	why[0] = '\0';
	if (load_object(path, section, &loaded, &diag)) {
		error = describe(why, &diag);
	} else {
		p->path = strdup(path);
		p->name = strdup(loaded.prog.name);
		error = place_program(d, p, &loaded.prog, want, why);
	}
	load_free(&loaded);
	if (!error)
		d->xdp->program = p;
	program_free(error ? p : before);
	return error;
}

int nicjit_xdp_load(struct nicjit_dev *d, const char *path, const char *section, enum nicjit_xdp_want want, char why[NICJIT_WHY])
{
	int error;

	pthread_mutex_lock(&d->xdp->lock);
	error = load_locked(d, path, section, want, why);
	snprintf(d->xdp->why, sizeof(d->xdp->why), "%s", why);
	pthread_mutex_unlock(&d->xdp->lock);
	return error;
}

int nicjit_xdp_want(const char *text, enum nicjit_xdp_want *want)
{
	static const char *const names[] = {[NICJIT_WANT_AUTO] = "auto", [NICJIT_WANT_OFFLOAD] = "offload", [NICJIT_WANT_HOST] = "host"};

	for (unsigned int i = 0; i < RTE_DIM(names); i++)
		if (strcmp(text, names[i]) == 0)
			return *want = (enum nicjit_xdp_want)i, 0;
	return -EINVAL;
}

int nicjit_xdp_unload(struct nicjit_dev *d, char why[NICJIT_WHY])
{
	int error;

	pthread_mutex_lock(&d->xdp->lock);
	error = clear_nic(d, why);
	if (!error) {
		nicjit_host_set(d, NULL);
		program_free(d->xdp->program);
		d->xdp->program = NULL;
		d->xdp->why[0] = '\0';
	}
	pthread_mutex_unlock(&d->xdp->lock);
	return error;
}

static enum nicjit_xdp_mode mode(const struct program *p)
{
	return !p ? NICJIT_XDP_NONE : p->host ? NICJIT_XDP_HOST : NICJIT_XDP_OFFLOAD;
}

enum nicjit_xdp_mode nicjit_xdp_mode(const struct nicjit_dev *d)
{
	enum nicjit_xdp_mode now;

	pthread_mutex_lock(&d->xdp->lock);
	now = mode(d->xdp->program);
	pthread_mutex_unlock(&d->xdp->lock);
	return now;
}

static const char *const mode_text[] = {
	[NICJIT_XDP_NONE] = "no XDP", [NICJIT_XDP_OFFLOAD] = "XDP offloaded", [NICJIT_XDP_HOST] = "XDP on the host",
};

void nicjit_xdp_describe(const struct nicjit_dev *d, char *text, size_t size)
{
	const struct program *p;

	pthread_mutex_lock(&d->xdp->lock);
	p = d->xdp->program;
	snprintf(text, size, "Scalar, %s%s%s%s%s", mode_text[mode(p)], p ? ": " : "", p ? p->name : "", d->xdp->why[0] ? "; " : "", d->xdp->why);
	pthread_mutex_unlock(&d->xdp->lock);
}

static int map_info(const struct program *p, unsigned int index, struct nicjit_map *m)
{
	struct host_map_info of;
	const struct image_map *image;

	if (!p || index >= (p->host ? host_maps(p->host) : p->image.header->n_maps))
		return -ENOENT;
	if (p->host) {
		of = host_map_info(p->host, index);
	} else {
		image = &p->image.maps[index];
		of = (struct host_map_info){image_string(&p->image, image->name), image->type, image->key_size, image->value_size,
					    image->max_entries, image->cpus};
	}
	memset(m, 0, sizeof(*m));
	*m = (struct nicjit_map){.index = index, .type = of.type, .key_size = of.key_size, .value_size = of.value_size,
				 .max_entries = of.max_entries, .value_bytes = of.value_size};
	if (image_map_is_percpu(of.type))
		m->value_bytes = of.cpus * RTE_ALIGN_CEIL(of.value_size, 8);
	snprintf(m->name, sizeof(m->name), "%s", of.name);
	return 0;
}

void nicjit_xdp_dump(const struct nicjit_dev *d, FILE *f)
{
	const struct program *p;
	struct nicjit_map m;

	pthread_mutex_lock(&d->xdp->lock);
	p = d->xdp->program;
	fprintf(f, "%s", mode_text[mode(p)]);
	if (p)
		fprintf(f, ": %s of %s", p->name, p->path);
	if (p && !p->host)
		fprintf(f, ", %u bundles at %u", p->image.header->n_bundles, p->place.base);
	fputc('\n', f);
	for (uint32_t i = 0; !map_info(p, i, &m); i++)
		fprintf(f, "  map %u: %s, type %u, key %u bytes, value %u bytes, %u entries\n", i, m.name, m.type, m.key_size, m.value_size,
			m.max_entries);
	if (d->xdp->why[0])
		fprintf(f, "because: %s\n", d->xdp->why);
	pthread_mutex_unlock(&d->xdp->lock);
}

/* ---- Maps ---- */

unsigned int nicjit_xdp_maps(const struct nicjit_dev *d)
{
	unsigned int n = 0;
	struct nicjit_map m;

	while (!nicjit_map_info(d, n, &m))
		n++;
	return n;
}

int nicjit_map_info(const struct nicjit_dev *d, unsigned int index, struct nicjit_map *m)
{
	int error;

	pthread_mutex_lock(&d->xdp->lock);
	error = map_info(d->xdp->program, index, m);
	pthread_mutex_unlock(&d->xdp->lock);
	return error;
}

int nicjit_map_find(const struct nicjit_dev *d, const char *name, struct nicjit_map *m)
{
	char *end;
	unsigned long index = strtoul(name, &end, 10);

	if (*name && !*end)
		return nicjit_map_info(d, index, m);
	for (index = 0; !nicjit_map_info(d, index, m); index++)
		if (strcmp(m->name, name) == 0)
			return 0;
	return -ENOENT;
}

/* The map of the program that runs now, if it is still that one: of the host or of the NIC. Holds the lock until close_map(). */
static int open_map(const struct nicjit_dev *d, const struct nicjit_map *m, struct host_prog **host, struct nic_map *map)
{
	const struct program *p;
	struct nicjit_map now;

	pthread_mutex_lock(&d->xdp->lock);
	p = d->xdp->program;
	if (map_info(p, m->index, &now) || memcmp(&now, m, sizeof(now)))
		return -ESTALE;
	*host = p->host;
	*map = (struct nic_map){.regs = &d->bus->regs, .layout = p->host ? NULL : &p->image.maps[m->index], .index = m->index,
				.image = &p->image, .base = p->place.base};
	return 0;
}

static int close_map(const struct nicjit_dev *d, int error)
{
	pthread_mutex_unlock(&d->xdp->lock);
	return error;
}

#define MAP_CALL(call, ...)                                                                                                            \
	struct host_prog *host;                                                                                                        \
	struct nic_map map;                                                                                                            \
	int error = open_map(d, m, &host, &map);                                                                                       \
                                                                                                                                       \
	if (!error)                                                                                                                    \
		error = host ? host_map_##call(host, m->index, __VA_ARGS__) : nic_maps_##call(&map, __VA_ARGS__);                      \
	return close_map(d, error)

int nicjit_map_lookup(const struct nicjit_dev *d, const struct nicjit_map *m, const void *key, void *value)
{
	MAP_CALL(lookup, key, value);
}

int nicjit_map_update(const struct nicjit_dev *d, const struct nicjit_map *m, const void *key, const void *value, uint64_t flags)
{
	MAP_CALL(update, key, value, flags);
}

int nicjit_map_delete(const struct nicjit_dev *d, const struct nicjit_map *m, const void *key)
{
	MAP_CALL(delete, key);
}

int nicjit_map_next(const struct nicjit_dev *d, const struct nicjit_map *m, const void *key, void *next)
{
	MAP_CALL(next, key, next);
}

int nicjit_xdp_init(struct nicjit_dev *d)
{
	d->xdp = calloc(1, sizeof(*d->xdp));
	if (!d->xdp)
		return -ENOMEM;
	pthread_mutex_init(&d->xdp->lock, NULL);
	return 0;
}

void nicjit_xdp_fini(struct nicjit_dev *d)
{
	if (!d->xdp)
		return;
	nicjit_host_set(d, NULL);
	program_free(d->xdp->program);
	pthread_mutex_destroy(&d->xdp->lock);
	free(d->xdp);
	d->xdp = NULL;
}
