# SPDX-License-Identifier: Apache-2.0
"""Rows of frames at the inputs of a store that takes up to two of them in a clock."""


def two_rows(rng, rows):
    """Inputs for one or two rows (data, last, bytes, ..): the upper half of the data is anything when there is one."""
    upper = rows[1][0] if len(rows) == 2 else rng.getrandbits(512)
    return {"two": len(rows) - 1, "data": upper << 512 | rows[0][0], "last": rows[-1][1], "bytes": rows[-1][2]}
