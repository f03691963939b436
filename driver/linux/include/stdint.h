/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* What the compiler's core asks for, from the kernel. */
#ifndef NICJIT_STDINT_H
#define NICJIT_STDINT_H
#include <linux/const.h>
#include <linux/limits.h>
#include <linux/types.h>
#define INT64_C(n) S64_C(n)
#define UINT64_C(n) U64_C(n)
#define INT8_MAX S8_MAX
#define INT16_MAX S16_MAX
#define INT32_MAX S32_MAX
#define INT64_MAX S64_MAX
#define INT8_MIN S8_MIN
#define INT16_MIN S16_MIN
#define INT32_MIN S32_MIN
#define INT64_MIN S64_MIN
#define UINT8_MAX U8_MAX
#define UINT16_MAX U16_MAX
#define UINT32_MAX U32_MAX
#define UINT64_MAX U64_MAX
#endif
