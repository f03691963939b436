// SPDX-License-Identifier: Apache-2.0
/* The maps of a port's program, whether it runs in the NIC or on the host. */
#include <stdlib.h>

#include "driver/common/nic_wait.h"
#include "xdp_impl.h"

enum { CONSTANT = 0x80 }; /* BPF_F_RDONLY_PROG; with bytes of the object it is .rodata, which Linux freezes and the code may have in it already */

int nicjit_program_map(const struct program *p, unsigned int index, struct nicjit_map *m)
{
	struct host_map_info of;
	const struct image_map *image;

	if (!p || index >= (p->host ? host_maps(p->host) : p->image.header->n_maps))
		return -ENOENT;
	image = p->host ? &host_image(p->host)->maps[index] : &p->image.maps[index];
	if (p->host) {
		of = host_map_info(p->host, index);
	} else {
		of = (struct host_map_info){.name = image_string(&p->image, image->name), .type = image->type, .key_size = image->key_size,
					    .value_size = image->value_size, .max_entries = image->max_entries, .cpus = image->cpus};
	}
	memset(m, 0, sizeof(*m));
	*m = (struct nicjit_map){.index = index, .type = of.type, .key_size = of.key_size, .value_size = of.value_size,
				 .max_entries = of.max_entries, .value_bytes = of.value_size};
	if (image_map_is_percpu(of.type))
		m->value_bytes = of.cpus * RTE_ALIGN_CEIL(of.value_size, 8);
	m->cpus = image_map_is_percpu(of.type) ? of.cpus : 1;
	m->frozen = image->flags & CONSTANT && image->data_size;
	snprintf(m->name, sizeof(m->name), "%s", of.name);
	nicjit_btf_types(p->btf, m);
	return 0;
}

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
	error = nicjit_program_map(d->xdp->program, index, m);
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
	if (nicjit_program_map(p, m->index, &now) || memcmp(&now, m, sizeof(now)))
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
	struct host_prog *host = NULL;                                                                                                 \
	struct nic_map map;                                                                                                            \
	int error = open_map(d, m, &host, &map), in_nic = !error && !host;                                                             \
                                                                                                                                       \
	if (!error)                                                                                                                    \
		error = host ? host_map_##call(host, m->index, __VA_ARGS__) : nic_maps_##call(&map, __VA_ARGS__);                      \
	if (in_nic && !nic_wait_runs(&d->bus->regs)) /* what it said is worth nothing */                                               \
		error = -EIO;                                                                                                          \
	return close_map(d, error)

int nicjit_map_lookup(const struct nicjit_dev *d, const struct nicjit_map *m, const void *key, void *value)
{
	MAP_CALL(lookup, key, value);
}

/* A redirect leads to what there is, as in Linux: interfaces are the wires, from 1 on, and 0 is none; sockets are the queues. */
static bool leads_somewhere(const struct nicjit_dev *d, const struct nicjit_map *m, const void *value)
{
	uint32_t place, end = image_map_is_ports(m->type) ? HOST_IFINDEX + d->wires : d->queues;

	if (!image_map_is_ports(m->type) && m->type != IMAGE_MAP_XSKMAP)
		return true;
	memcpy(&place, value, sizeof(place));
	return place < end;
}

int nicjit_map_update(const struct nicjit_dev *d, const struct nicjit_map *m, const void *key, const void *value, uint64_t flags)
{
	if (m->frozen)
		return -EPERM;
	if (!leads_somewhere(d, m, value))
		return -EINVAL;
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

int nicjit_map_pop(const struct nicjit_dev *d, const struct nicjit_map *m, void *value)
{
	MAP_CALL(pop, value);
}
