// SPDX-License-Identifier: Apache-2.0
/* The XDP program of a port: from the object to the NIC. */
#include <pthread.h>
#include <rte_malloc.h>
#include <stdlib.h>

#include "driver/common/image.h"
#include "hw/spec/regs.h"
#include "jit-nfp/load.h"
#include "pmd.h"

/* A program in the NIC, and all that is known of it. */
struct program {
	char *path, *section;
	uint8_t *memory;              /* the compiler's; the image lies in it */
	struct image image;
	struct nic_place place;
};

struct nicjit_xdp {
	pthread_mutex_t lock;
	struct program *program;      /* NULL: none */
	char why[NICJIT_WHY];         /* the last refusal */
};

static void program_free(struct program *p)
{
	if (!p)
		return;
	free(p->path);
	free(p->section);
	free(p->memory);
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
	struct diag diag;
	const char *bad;

	p->memory = malloc(size);
	if (!p->memory)
		return fail(why, -ENOMEM, "out of memory");
	if (nicjit_compile(prog, &target, p->memory, size, NULL, &out, &diag))
		return describe(why, &diag);
	bad = image_parse(out.bytes, out.size, &p->image);
	return bad ? fail(why, -EINVAL, bad) : 0;
}

static struct program *program_make(const struct nicjit_dev *d, const char *path, const char *section, char why[NICJIT_WHY], int *error)
{
	struct program *p = calloc(1, sizeof(*p));
	struct loaded loaded;
	struct diag diag;

	if (!p)
		rte_panic("out of memory\n");
	p->path = strdup(path);
	p->section = section ? strdup(section) : NULL;
	*error = load_object(path, section, &loaded, &diag) ? describe(why, &diag) : compile(d, p, &loaded.prog, why);
	load_free(&loaded);
	if (!*error)
		return p;
	program_free(p);
	return NULL;
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

	if (x->program) {
		p->place = x->program->place;
		if (!nic_reload(&d->bus->regs, &p->image, &p->place, &refusal))
			return 0;
	}
	if (nic_load(&d->bus->regs, &p->image, &p->place, &refusal))
		return refuse(why, &refusal);
	if (d->started)
		nic_load_run(&d->bus->regs, 0);
	return 0;
}

static int load_locked(struct nicjit_dev *d, const char *path, const char *section, char why[NICJIT_WHY])
{
	struct program *p;
	int error;

	p = program_make(d, path, section, why, &error);
	if (!p)
		return error;
	error = put_into_nic(d, p, why);
	if (error) {
		program_free(p);
		return error;
	}
	program_free(d->xdp->program);
	d->xdp->program = p;
	return 0;
}

int nicjit_xdp_load(struct nicjit_dev *d, const char *path, const char *section, char why[NICJIT_WHY])
{
	int error;

	pthread_mutex_lock(&d->xdp->lock);
	error = load_locked(d, path, section, why);
	snprintf(d->xdp->why, sizeof(d->xdp->why), "%s", error ? why : "");
	pthread_mutex_unlock(&d->xdp->lock);
	return error;
}

int nicjit_xdp_unload(struct nicjit_dev *d, char why[NICJIT_WHY])
{
	struct nic_refusal refusal;
	int error;

	pthread_mutex_lock(&d->xdp->lock);
	error = nic_detach(&d->bus->regs, &refusal) ? refuse(why, &refusal) : 0;
	if (!error) {
		program_free(d->xdp->program);
		d->xdp->program = NULL;
	}
	pthread_mutex_unlock(&d->xdp->lock);
	return error;
}

enum nicjit_xdp_mode nicjit_xdp_mode(const struct nicjit_dev *d)
{
	return d->xdp->program ? NICJIT_XDP_OFFLOAD : NICJIT_XDP_NONE;
}

void nicjit_xdp_describe(const struct nicjit_dev *d, char *text, size_t size)
{
	const struct program *p;

	pthread_mutex_lock(&d->xdp->lock);
	p = d->xdp->program;
	if (p)
		snprintf(text, size, "Scalar, XDP offloaded: %s", image_string(&p->image, p->image.header->name));
	else if (d->xdp->why[0])
		snprintf(text, size, "Scalar, no XDP: %.*s", (int)size - 20, d->xdp->why);
	else
		snprintf(text, size, "Scalar, no XDP");
	pthread_mutex_unlock(&d->xdp->lock);
}

void nicjit_xdp_dump(const struct nicjit_dev *d, FILE *f)
{
	const struct program *p;

	pthread_mutex_lock(&d->xdp->lock);
	p = d->xdp->program;
	if (p) {
		fprintf(f, "XDP: offloaded, program %s of %s, %u bundles at %u\n", image_string(&p->image, p->image.header->name), p->path,
			p->image.header->n_bundles, p->place.base);
		for (uint32_t i = 0; i < p->image.header->n_maps; i++) {
			const struct image_map *m = &p->image.maps[i];

			fprintf(f, "  map %u: %s, type %u, key %u bytes, value %u bytes, %u entries\n", i, image_string(&p->image, m->name),
				m->type, m->key_size, m->value_size, m->max_entries);
		}
	} else {
		fprintf(f, "XDP: none\n");
	}
	if (d->xdp->why[0])
		fprintf(f, "XDP, last refusal: %s\n", d->xdp->why);
	pthread_mutex_unlock(&d->xdp->lock);
}

/* ---- Maps ---- */

unsigned int nicjit_xdp_maps(const struct nicjit_dev *d)
{
	unsigned int n;

	pthread_mutex_lock(&d->xdp->lock);
	n = d->xdp->program ? d->xdp->program->image.header->n_maps : 0;
	pthread_mutex_unlock(&d->xdp->lock);
	return n;
}

static int info(const struct program *p, unsigned int index, struct nicjit_map *m)
{
	const struct image_map *of;

	if (!p || index >= p->image.header->n_maps)
		return -ENOENT;
	of = &p->image.maps[index];
	*m = (struct nicjit_map){.index = index, .type = of->type, .key_size = of->key_size, .value_size = of->value_size,
				 .max_entries = of->max_entries};
	snprintf(m->name, sizeof(m->name), "%s", image_string(&p->image, of->name));
	return 0;
}

int nicjit_map_info(const struct nicjit_dev *d, unsigned int index, struct nicjit_map *m)
{
	int error;

	pthread_mutex_lock(&d->xdp->lock);
	error = info(d->xdp->program, index, m);
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

/* The map of the program that runs now, if it is still that one. Holds the lock until close_map(). */
static int open_map(const struct nicjit_dev *d, const struct nicjit_map *m, struct nic_map *map)
{
	struct nicjit_map now;

	pthread_mutex_lock(&d->xdp->lock);
	if (info(d->xdp->program, m->index, &now) || memcmp(&now, m, sizeof(now)))
		return -ESTALE;
	*map = (struct nic_map){&d->bus->regs, &d->xdp->program->image.maps[m->index], m->index};
	return 0;
}

static int close_map(const struct nicjit_dev *d, int error)
{
	pthread_mutex_unlock(&d->xdp->lock);
	return error;
}

int nicjit_map_lookup(const struct nicjit_dev *d, const struct nicjit_map *m, const void *key, void *value)
{
	struct nic_map map;
	int error = open_map(d, m, &map);

	return close_map(d, error ? error : nic_maps_lookup(&map, key, value));
}

int nicjit_map_update(const struct nicjit_dev *d, const struct nicjit_map *m, const void *key, const void *value, uint64_t flags)
{
	struct nic_map map;
	int error = open_map(d, m, &map);

	return close_map(d, error ? error : nic_maps_update(&map, key, value, flags));
}

int nicjit_map_delete(const struct nicjit_dev *d, const struct nicjit_map *m, const void *key)
{
	struct nic_map map;
	int error = open_map(d, m, &map);

	return close_map(d, error ? error : nic_maps_delete(&map, key));
}

int nicjit_map_next(const struct nicjit_dev *d, const struct nicjit_map *m, const void *key, void *next)
{
	struct nic_map map;
	int error = open_map(d, m, &map);

	return close_map(d, error ? error : nic_maps_next(&map, key, next));
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
	program_free(d->xdp->program);
	pthread_mutex_destroy(&d->xdp->lock);
	free(d->xdp);
	d->xdp = NULL;
}
