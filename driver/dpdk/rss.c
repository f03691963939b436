// SPDX-License-Identifier: Apache-2.0
/* The key of the hash is 40 bytes, its first bit the highest of word 0; the table says the host queue for the hash's low 7 bits. */
#include <rte_byteorder.h>

#include "pmd.h"

void nicjit_rss_spread(struct nicjit_dev *d, uint16_t queues)
{
	for (uint32_t i = 0; i < REG_RSS_TABLE_COUNT; i++)
		nicjit_put(d, REG_RSS_TABLE + 4 * i, queues ? i % queues : 0);
}

/* The NIC hashes addresses, and ports where there are some; less is not to be had. */
int nicjit_rss_hash_update(struct rte_eth_dev *dev, struct rte_eth_rss_conf *conf)
{
	struct nicjit_dev *d = nicjit_dev(dev);
	rte_be32_t word;

	if (conf->rss_hf & ~NICJIT_RSS_TYPES)
		return -EINVAL;
	if (!conf->rss_key)
		return 0;
	if (conf->rss_key_len != NICJIT_RSS_KEY_BYTES)
		return -EINVAL;
	for (uint32_t i = 0; i < NICJIT_RSS_KEY_BYTES / 4; i++) {
		memcpy(&word, conf->rss_key + 4 * i, 4);
		nicjit_put(d, REG_RSS_KEY + 4 * i, rte_be_to_cpu_32(word));
	}
	return 0;
}

int nicjit_rss_hash_conf_get(struct rte_eth_dev *dev, struct rte_eth_rss_conf *conf)
{
	rte_be32_t word;

	conf->rss_hf = NICJIT_RSS_TYPES;
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
	if (n != REG_RSS_TABLE_COUNT)
		return -EINVAL;
	for (uint16_t i = 0; i < n; i++)
		if (wanted(reta, i) && reta[i / RTE_ETH_RETA_GROUP_SIZE].reta[i % RTE_ETH_RETA_GROUP_SIZE] >= dev->data->nb_rx_queues)
			return -EINVAL;
	for (uint16_t i = 0; i < n; i++)
		if (wanted(reta, i))
			nicjit_put(nicjit_dev(dev), REG_RSS_TABLE + 4 * i, reta[i / RTE_ETH_RETA_GROUP_SIZE].reta[i % RTE_ETH_RETA_GROUP_SIZE]);
	return 0;
}

int nicjit_reta_query(struct rte_eth_dev *dev, struct rte_eth_rss_reta_entry64 *reta, uint16_t n)
{
	if (n != REG_RSS_TABLE_COUNT)
		return -EINVAL;
	for (uint16_t i = 0; i < n; i++)
		if (wanted(reta, i))
			reta[i / RTE_ETH_RETA_GROUP_SIZE].reta[i % RTE_ETH_RETA_GROUP_SIZE] =
				nicjit_get(nicjit_dev(dev), REG_RSS_TABLE + 4 * i);
	return 0;
}
