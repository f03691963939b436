// SPDX-License-Identifier: Apache-2.0
/* An application that is linked to the driver: EAL's arguments, --, object for the NIC, object for the host only. Programs and maps of port 0 by rte_pmd_nicjit.h. */
#include <errno.h>
#include <rte_eal.h>
#include <rte_ethdev.h>
#include <stdio.h>
#include <string.h>

#include "driver/dpdk/rte_pmd_nicjit.h"

enum { PORT = 0, KEY = 16, VALUE = 16 };

static unsigned int failed;

static void check(int good, const char *what)
{
	if (good)
		return;
	failed++;
	printf("FAIL %s\n", what);
}

/* The firewall's table of flows: keys and values of 16 bytes. */
static void maps(void)
{
	struct rte_pmd_nicjit_map m, again;
	uint8_t key[KEY] = {1}, value[VALUE] = {7}, back[VALUE] = {0};

	check(rte_pmd_nicjit_map_find(PORT, "nothing", &m) == -ENOENT, "a map that is not there");
	check(!rte_pmd_nicjit_map_find(PORT, "flows", &m) && m.key_size == KEY && m.value_bytes == VALUE, "find");
	check(!rte_pmd_nicjit_map_get(PORT, m.id, &again) && !memcmp(&m, &again, sizeof(m)), "get");
	check(rte_pmd_nicjit_map_lookup(PORT, &m, key, back) == -ENOENT, "a key that is not there");
	check(!rte_pmd_nicjit_map_update(PORT, &m, key, value, 1), "update");
	check(rte_pmd_nicjit_map_update(PORT, &m, key, value, 1) == -EEXIST, "update with NOEXIST");
	check(!rte_pmd_nicjit_map_lookup(PORT, &m, key, back) && !memcmp(value, back, sizeof(value)), "lookup");
	check(!rte_pmd_nicjit_map_next(PORT, &m, NULL, back) && !memcmp(key, back, sizeof(key)), "next");
	check(rte_pmd_nicjit_map_next(PORT, &m, key, back) == -ENOENT, "the last");
	check(!rte_pmd_nicjit_map_delete(PORT, &m, key), "delete");
	check(rte_pmd_nicjit_map_pop(PORT, &m, back) == -EINVAL, "pop of a table");
	again.value_bytes++;
	check(rte_pmd_nicjit_map_lookup(PORT, &again, key, back) == -ESTALE, "a map of a program before");
}

int main(int argc, char **argv)
{
	int used = rte_eal_init(argc, argv);
	struct rte_pmd_nicjit_status s;
	char why[200] = "";

	if (used < 0 || used + 2 >= argc)
		return 2;
	check(rte_pmd_nicjit_status(99, &s) == -ENODEV, "a port that is not there");
	check(!rte_pmd_nicjit_status(PORT, &s) && s.where == RTE_PMD_NICJIT_AUTO && s.maps == 0, "status of nothing");
	check(!rte_pmd_nicjit_load(PORT, argv[used + 1], NULL, NULL, RTE_PMD_NICJIT_AUTO, why, sizeof(why)) && !why[0], why);
	check(!rte_pmd_nicjit_status(PORT, &s) && s.where == RTE_PMD_NICJIT_NIC && s.maps == 1 && s.bundles && !strcmp(s.name, "firewall"), "status");
	maps();
	check(!rte_pmd_nicjit_load(PORT, argv[used + 1], "xdp", NULL, RTE_PMD_NICJIT_HOST, why, sizeof(why)), why);
	check(!rte_pmd_nicjit_status(PORT, &s) && s.where == RTE_PMD_NICJIT_HOST, "status on the host");
	maps();
	check(rte_pmd_nicjit_load(PORT, argv[used + 2], NULL, NULL, RTE_PMD_NICJIT_NIC, why, sizeof(why)) < 0 && strstr(why, "does not fit"), "a map that is too large");
	check(!rte_pmd_nicjit_load(PORT, argv[used + 2], NULL, NULL, RTE_PMD_NICJIT_AUTO, why, sizeof(why)) && strstr(why, "does not fit"), "the same on the host");
	check(!rte_pmd_nicjit_status(PORT, &s) && strstr(s.why, "does not fit"), "why");
	check(rte_pmd_nicjit_load(PORT, "/nowhere.o", NULL, NULL, RTE_PMD_NICJIT_AUTO, NULL, 0) < 0, "an object that is not there");
	check(!rte_pmd_nicjit_unload(PORT) && !rte_pmd_nicjit_status(PORT, &s) && s.where == RTE_PMD_NICJIT_AUTO, "unload");
	printf("%u failed\n", failed);
	fflush(stdout);
	rte_eal_cleanup();
	return failed != 0;
}
