/* SPDX-License-Identifier: Apache-2.0
 *
 * XDP programs and maps of a net_nicjit port, for applications. Experimental: it may change with any release.
 *
 * Functions return 0 or a negative errno value; -ENODEV: the port is none of this driver. They may be called from any thread while packets run.
 */
#ifndef RTE_PMD_NICJIT_H
#define RTE_PMD_NICJIT_H

#include <rte_compat.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum rte_pmd_nicjit_where {           /* where a program may run, and where one runs */
	RTE_PMD_NICJIT_AUTO,          /* asked for: in the NIC, or on the host when the NIC can't; told: nowhere */
	RTE_PMD_NICJIT_NIC,
	RTE_PMD_NICJIT_HOST,
};

struct rte_pmd_nicjit_status {
	enum rte_pmd_nicjit_where where;
	uint32_t maps;
	uint32_t bundles;             /* of microcode, in the NIC */
	char name[64], section[64], object[256];
	char why[256];                /* why it does not run in the NIC; cut to this length */
};

/* Compiles and loads the program called section (NULL: the only one) of an object; one that runs is replaced, and no packet sees half of each. Entries:
 * "MAP=NUMBER:MAP=NUMBER.." for maps whose loader sets them, or NULL. On an error, and where the host runs what the NIC can't, why has the sentence; it may be NULL. */
__rte_experimental
int rte_pmd_nicjit_load(uint16_t port, const char *object, const char *section, const char *entries, enum rte_pmd_nicjit_where where, char *why, size_t size);
/* The port is a plain NIC again. */
__rte_experimental
int rte_pmd_nicjit_unload(uint16_t port);
__rte_experimental
int rte_pmd_nicjit_status(uint16_t port, struct rte_pmd_nicjit_status *status);

struct rte_pmd_nicjit_map {
	char name[64];
	uint32_t id, type, key_size, value_size, max_entries;
	uint32_t value_bytes;         /* that calls transfer: of per-CPU maps the values of all CPUs, each padded to 8 bytes */
};

/* By name or, below rte_pmd_nicjit_status.maps, by number. It is good until the program is replaced: -ESTALE then. */
__rte_experimental
int rte_pmd_nicjit_map_find(uint16_t port, const char *name, struct rte_pmd_nicjit_map *map);
__rte_experimental
int rte_pmd_nicjit_map_get(uint16_t port, uint32_t id, struct rte_pmd_nicjit_map *map);
/* As bpf(2) has them. Of queues and stacks, which take no keys, an update pushes, a lookup peeks and pop removes. */
__rte_experimental
int rte_pmd_nicjit_map_lookup(uint16_t port, const struct rte_pmd_nicjit_map *map, const void *key, void *value);
__rte_experimental
int rte_pmd_nicjit_map_update(uint16_t port, const struct rte_pmd_nicjit_map *map, const void *key, const void *value, uint64_t flags);
__rte_experimental
int rte_pmd_nicjit_map_delete(uint16_t port, const struct rte_pmd_nicjit_map *map, const void *key);
/* The key after key, the first one when key is NULL; -ENOENT after the last. */
__rte_experimental
int rte_pmd_nicjit_map_next(uint16_t port, const struct rte_pmd_nicjit_map *map, const void *key, void *next);
__rte_experimental
int rte_pmd_nicjit_map_pop(uint16_t port, const struct rte_pmd_nicjit_map *map, void *value);

#ifdef __cplusplus
}
#endif

#endif
