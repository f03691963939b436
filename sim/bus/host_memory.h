/* SPDX-License-Identifier: Apache-2.0
 *
 * The NIC's writes into memory that somebody looks at meanwhile.
 */
#ifndef SIM_BUS_HOST_MEMORY_H
#define SIM_BUS_HOST_MEMORY_H

#include <stdint.h>
#include <string.h>

#include "hw/spec/regs.h"

/* Of a row, which may be a completion, the word with the phase comes last. to is a multiple of 8 for rows. */
static inline void host_memory_put(uint8_t *to, const void *bytes, size_t len)
{
	enum { PHASE_WORD = NIC_CQE_STATUS / 8 * 8, ROW = 64 };
	uint64_t word;

	if (len != ROW) {
		memcpy(to, bytes, len);
		return;
	}
	memcpy(to, bytes, PHASE_WORD);
	memcpy(to + PHASE_WORD + 8, (const uint8_t *)bytes + PHASE_WORD + 8, ROW - PHASE_WORD - 8);
	memcpy(&word, (const uint8_t *)bytes + PHASE_WORD, 8);
	__atomic_store_n((uint64_t *)(void *)(to + PHASE_WORD), word, __ATOMIC_RELEASE);
}

#endif
