# SPDX-License-Identifier: Apache-2.0
"""What maps.md says of keys."""
from bench import mask


def key_hash(seed, words):
    h = seed
    for word in words:
        for half in (word & mask(32), word >> 32):
            h ^= half
            h = h + (h << 12) & mask(32)
            h = (h << 15 | h >> 17) & mask(32)
    h = h + 0x7ed55d16 + (h << 12) & mask(32)
    h = h ^ 0xc761c23c ^ h >> 19
    h = h + 0x165667b1 + (h << 5) & mask(32)
    h = (h + 0xd3a2646c ^ h << 9) & mask(32)
    h = h + 0xfd7046c5 + (h << 3) & mask(32)
    return h ^ 0xb55a4f09 ^ h >> 16
