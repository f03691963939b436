// SPDX-License-Identifier: Apache-2.0
/* The key of the hash is 40 bytes, its first bit the highest of word 0; the table says the host queue for the hash's low 7 bits. */
#include <rte_byteorder.h>

#include "pmd.h"

/* Turned off, all entries lead to queue 0 until it is turned on again. */
static void put_entry(const struct nicjit_dev *d, uint32_t i)
{
	nicjit_put(d, REG_RSS_TABLE + 4 * i, d->rss_off ? 0 : d->rss_table[i]);
}

static void turn(struct nicjit_dev *d, bool off)
{
	d->rss_off = off;
	for (uint32_t i = 0; i < REG_RSS_TABLE_COUNT; i++)
		put_entry(d, i);
}

void nicjit_rss_spread(struct nicjit_dev *d, uint16_t queues)
{
	for (uint32_t i = 0; i < REG_RSS_TABLE_COUNT; i++)
		d->rss_table[i] = queues ? i % queues : 0;
	turn(d, false);
}

/* The NIC hashes addresses, and ports where there are some; that, or nothing. */
int nicjit_rss_hash_update(struct rte_eth_dev *dev, struct rte_eth_rss_conf *conf)
{
	struct nicjit_dev *d = nicjit_dev(dev);
	rte_be32_t word;

	if (conf->rss_hf & ~NICJIT_RSS_TYPES)
		return -EINVAL;
	if (conf->rss_key && conf->rss_key_len != NICJIT_RSS_KEY_BYTES)
		return -EINVAL;
	turn(d, !conf->rss_hf);
	if (!conf->rss_key)
		return 0;
	for (uint32_t i = 0; i < NICJIT_RSS_KEY_BYTES / 4; i++) {
		memcpy(&word, conf->rss_key + 4 * i, 4);
		nicjit_put(d, REG_RSS_KEY + 4 * i, rte_be_to_cpu_32(word));
	}
	return 0;
}

int nicjit_rss_hash_conf_get(struct rte_eth_dev *dev, struct rte_eth_rss_conf *conf)
{
	rte_be32_t word;

	conf->rss_hf = nicjit_dev(dev)->rss_off ? 0 : NICJIT_RSS_TYPES;
	if (!conf->rss_key || conf->rss_key_len < NICJIT_RSS_KEY_BYTES)
		return 0;
	conf->rss_key_len = NICJIT_RSS_KEY_BYTES;
	for (uint32_t i = 0; i < NICJIT_RSS_KEY_BYTES / 4; i++) {
		word = rte_cpu_to_be_32(nicjit_get(nicjit_dev(dev), REG_RSS_KEY + 4 * i));
		memcpy(conf->rss_key + 4 * i, &word, 4);
	}
	return 0;
}

static bool wanted(const struct rte_eth_rss_reta_entry64 *reta, uint16_t i)
{
	return reta[i / RTE_ETH_RETA_GROUP_SIZE].mask >> i % RTE_ETH_RETA_GROUP_SIZE & 1;
}

int nicjit_reta_update(struct rte_eth_dev *dev, struct rte_eth_rss_reta_entry64 *reta, uint16_t n)
{
	struct nicjit_dev *d = nicjit_dev(dev);

	if (n != REG_RSS_TABLE_COUNT)
		return -EINVAL;
	for (uint16_t i = 0; i < n; i++)
		if (wanted(reta, i) && reta[i / RTE_ETH_RETA_GROUP_SIZE].reta[i % RTE_ETH_RETA_GROUP_SIZE] >= dev->data->nb_rx_queues)
			return -EINVAL;
	for (uint16_t i = 0; i < n; i++) {
		if (!wanted(reta, i))
			continue;
		d->rss_table[i] = (uint8_t)reta[i / RTE_ETH_RETA_GROUP_SIZE].reta[i % RTE_ETH_RETA_GROUP_SIZE];
		put_entry(d, i);
	}
	return 0;
}

int nicjit_reta_query(struct rte_eth_dev *dev, struct rte_eth_rss_reta_entry64 *reta, uint16_t n)
{
	if (n != REG_RSS_TABLE_COUNT)
		return -EINVAL;
	for (uint16_t i = 0; i < n; i++)
		if (wanted(reta, i))
			reta[i / RTE_ETH_RETA_GROUP_SIZE].reta[i % RTE_ETH_RETA_GROUP_SIZE] = nicjit_dev(dev)->rss_table[i];
	return 0;
}
