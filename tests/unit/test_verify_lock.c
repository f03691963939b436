// SPDX-License-Identifier: Apache-2.0
/* Spin locks: of which maps, passed as they lie, one at a time, given back on every path, and nobody touches their bytes. */
#include "verifier.h"

/* lock: its offset in the value, and 1 */
static const struct prog_map maps[] = {
	{ .name = "locked", .type = MAP_TYPE_ARRAY, .key_size = 4, .value_size = 16, .max_entries = 8, .lock = 5 },
	{ .name = "plain", .type = MAP_TYPE_ARRAY, .key_size = 4, .value_size = 16, .max_entries = 8 },
};

/* r6 = an element of map n, which is there; 10 slots */
#define ELEMENT(n) LOOKUP(n), J(EBPF_JNE, 0, 0, 2), PASS, MOVX(6, 0)
#define WITH(r, off, helper) MOVX(1, r), ADD(1, off), CALL(helper)
#define LOCK WITH(6, 4, HELPER_SPIN_LOCK)
#define UNLOCK WITH(6, 4, HELPER_SPIN_UNLOCK)

static void given_back_on_every_path(void **state)
{
	(void)state;
	ACCEPT(ELEMENT(0), LOCK, ST(W, 6, 8, 1), UNLOCK, PASS);
	ACCEPT(ELEMENT(0), LOCK, UNLOCK, LOCK, UNLOCK, PASS);
	REFUSE(14, "the program ends while a spin lock is held", ELEMENT(0), LOCK, PASS);
	REFUSE(12, "a spin lock is released that is not held", ELEMENT(0), UNLOCK, PASS);
	REFUSE(18, "a spin lock is released that is not held", ELEMENT(0), LOCK, UNLOCK, UNLOCK, PASS);
}

static void one_at_a_time(void **state)
{
	(void)state;
	REFUSE(15, "a helper is called while a spin lock is held", ELEMENT(0), LOCK, LOCK, PASS);
	REFUSE(13, "a helper is called while a spin lock is held", ELEMENT(0), LOCK, CALL(HELPER_KTIME_GET_NS), UNLOCK, PASS);
	/* two lookups are two locks, whatever they find */
	REFUSE(26, "another spin lock is released than the one that is held",
	       ELEMENT(0), MOVX(7, 6), ELEMENT(0), LOCK, WITH(7, 4, HELPER_SPIN_UNLOCK), PASS);
}

static void passed_as_it_lies(void **state)
{
	(void)state;
	REFUSE(12, "the first argument of bpf_spin_lock does not point to the spin lock of map locked, which is at offset 4 of the value",
	       ELEMENT(0), WITH(6, 8, HELPER_SPIN_LOCK), PASS);
	REFUSE(12, "the value of map plain holds no spin lock", ELEMENT(1), LOCK, PASS);
	REFUSE(2, "the first argument of bpf_spin_lock must be the spin lock in a map value, and is a stack pointer",
	       WITH(10, -8, HELPER_SPIN_LOCK), PASS);
}

static void untouched(void **state)
{
	(void)state;
	ACCEPT(ELEMENT(0), ST(W, 6, 0, 1), ST(DW, 6, 8, 1), PASS);
	REFUSE(10, "the access touches the spin lock in the value of map locked", ELEMENT(0), ST(W, 6, 4, 1), PASS);
	REFUSE(10, "the access touches the spin lock in the value of map locked", ELEMENT(0), LDX(B, 1, 6, 7), PASS);
	REFUSE(10, "the access touches the spin lock in the value of map locked", ELEMENT(0), LDX(DW, 1, 6, 0), PASS);
}

static void refuse_map(struct prog_map m, const char *sentence)
{
	const struct ebpf_insn insns[] = { MAP(1, 0), PASS };

	m.lock = 1;
	expect(insns, 4, &m, 1, 0, sentence);
}

static void in_hash_and_array(void **state)
{
	struct prog_map m = { .name = "m", .type = MAP_TYPE_HASH, .key_size = 4, .value_size = 8, .max_entries = 8 };

	(void)state;
	refuse_map(m, "");
	m.type = MAP_TYPE_LRU_HASH;
	refuse_map(m, "the value of map m holds a spin lock, and only those of a HASH or ARRAY can");
	m.type = MAP_TYPE_ARRAY;
	m.flags = MAP_RDONLY_PROG;
	refuse_map(m, "map m holds a spin lock, and programs may not write it");
	m.flags = MAP_WRONLY_PROG;
	refuse_map(m, "map m holds a spin lock, and programs may not read it");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(given_back_on_every_path), cmocka_unit_test(one_at_a_time), cmocka_unit_test(passed_as_it_lies),
		cmocka_unit_test(untouched), cmocka_unit_test(in_hash_and_array),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
