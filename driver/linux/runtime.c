// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/* What gcc calls in the compiler's core and the kernel does not have. */
#include <linux/bitops.h>

int __popcountdi2(long long v);

int __popcountdi2(long long v)
{
	return hweight64(v);
}
