/* SPDX-License-Identifier: Apache-2.0
 *
 * Microcode written word by word, run on a device, and every retired bundle compared with what the
 * test says must come out of it.
 */
#ifndef TESTS_ISA_HARNESS_H
#define TESTS_ISA_HARNESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "driver/common/nic_maps.h"
#include "hw/spec/isa.h"
#include "hw/spec/regs.h"
#include "sim/device.h"

enum { EXT_MIB = 1, BUNDLES = 4096, RETIRED_MAX = 1 << 17, VERDICT = 1 };
#define DATA_POINTER ((uint64_t)NIC_TAG_PKT << 60 | NIC_HEADROOM)
#define STACK_POINTER ((uint64_t)NIC_TAG_STACK << 60)

/* What a bundle must do when it retires. */
struct expect {
	bool never;           /* must not be reached */
	uint8_t we;           /* lanes that write a register */
	uint8_t any;          /* of them, those whose value the test does not know */
	uint64_t value[ISA_LANES_MAX];
	int next;             /* bundle, or -1 for an exit */
	uint8_t cause;
	unsigned int loop;    /* retires this often without the cause first */
	bool store;
	uint8_t store_width;
	uint16_t store_tag_offset;
	uint64_t store_value;
	uint8_t command;      /* opcode, 0 none */
};

/* A program under construction. */
struct code {
	unsigned int n;
	uint64_t word[BUNDLES][ISA_LANES_MAX];
	struct expect expect[BUNDLES];
};

struct machine {
	struct device *device;
	struct nic_regs regs;
	bool lock_step;
	unsigned int lanes, registers, cores;
	struct code code;
	uint64_t loaded[BUNDLES][ISA_LANES_MAX]; /* as the microcode memory has it; 0 from reset */
	struct device_retire *retired; /* of the last run */
	size_t n_retired;
	struct device_completion completion;
	unsigned int completions, frames;
	uint8_t frame[DEVICE_FRAME_MAX];
	size_t frame_len;
	unsigned int verdict;          /* 0: any, and the packet goes back to its port; else code_exit() gives it, and the packet goes where it says */
	uint8_t meta[NIC_META_HOST];   /* in front of the last frame for the host: the last meta_len bytes */
	unsigned int meta_len;
};

/* Groups of checks count here; a failed check prints a line and the group goes on. */
extern unsigned long harness_passed, harness_failed;
extern const char *harness_group;
bool harness_check(bool good, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* model: "iss", "rtl" or "both"; exits with a sentence when it can't be opened. */
struct machine *machine_open(const char *model);
void machine_close(struct machine *m);
uint32_t machine_get(struct machine *m, uint32_t offset);
void machine_put(struct machine *m, uint32_t offset, uint32_t value);
/* A counter of the NIC as it stands; the sum of a counter that each tile has. */
uint64_t machine_count(struct machine *m, unsigned int counter);
uint64_t machine_count_tiles(struct machine *m, unsigned int counter);

/* Building code. A new bundle is all nops, goes to the next one, and has no other effect. */
void code_clear(struct machine *m);
unsigned int code_bundle(struct machine *m);
struct isa_word code_op(unsigned int op);
void code_put(struct machine *m, unsigned int bundle, unsigned int lane, const struct isa_word *w);
/* The word's lane must write this value. */
void code_value(struct machine *m, unsigned int bundle, unsigned int lane, uint64_t value);
/* Bundles that set registers (operand codes) to constants. */
void code_constants(struct machine *m, unsigned int n, const uint8_t *operand,
		    const uint64_t *value);
/* A bundle in which a lane reads an operand: its value must be this. */
void code_see(struct machine *m, uint8_t operand, uint64_t value);
void code_exit(struct machine *m);
/* Room for that many bundles more; the exit included. */
bool code_has_room(const struct machine *m, unsigned int bundles);

/* Loads the code and runs one packet from an entry to its completion; then compares every retired
 * bundle with its expectation. A run that does not end in time is a failed check. */
void machine_load(struct machine *m);
void machine_run(struct machine *m, unsigned int entry, const uint8_t *packet, size_t len);

/* Ends the code with an exit, runs a packet through it from bundle 0 and starts with empty code.
 * Nothing when there is no code. */
void code_run(struct machine *m, const uint8_t *packet, size_t len);

/* Which lanes of which opcodes have retired without fault; harness_uncovered() prints and counts
 * the rows and slots that have not. */
unsigned int harness_uncovered(const struct machine *m);

/* Pseudo-random numbers, the same in every run. */
uint64_t harness_random(void);
void harness_seed(uint64_t seed);

/* The groups. */
void test_alu(struct machine *m);
void test_window(struct machine *m);
void test_branch(struct machine *m);
void test_control(struct machine *m);
void test_memory(struct machine *m);
void test_special(struct machine *m);
void test_adjust(struct machine *m);
void test_division(struct machine *m);
void test_map_access(struct machine *m);
void test_map_calls(struct machine *m);
void test_faults(struct machine *m);

#endif
