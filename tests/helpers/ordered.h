/* SPDX-License-Identifier: Apache-2.0 */
/* __atomic_load_n(at, __ATOMIC_ACQUIRE) and __atomic_store_n(at, n, __ATOMIC_RELEASE), in bytes for compilers that do not know the instructions.
 * code: d3, cb, c3, db for 1, 2, 4 and 8 bytes. */
#define load_acquire(code, at)                                                                                          \
	({                                                                                                              \
		__u64 value_;                                                                                           \
		asm volatile("r1 = %[p]; .8byte 0x100000010" #code "; %[v] = r0" : [v] "=r"(value_) : [p] "r"(at) : "r0", "r1", "memory"); \
		value_;                                                                                                 \
	})
#define store_release(code, at, n)                                                                                      \
	asm volatile("r1 = %[p]; r2 = %[v]; .8byte 0x110000021" #code :: [p] "r"(at), [v] "r"((__u64)(n)) : "r1", "r2", "memory")
