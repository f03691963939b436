# SPDX-License-Identifier: Apache-2.0
"""Functional coverage: points with the bins that must be hit, counted, and written to COVER_FILE when the simulator ends."""
import atexit
import itertools
import json
import os

_points = {}


class Point:
    """One question a bench asks of its stimulus; each of its bins is an answer that must occur."""

    def __init__(self, name, bins):
        self.bins = _points.setdefault(name, {str(b): 0 for b in bins})

    def hit(self, answer):
        self.bins[str(answer)] += 1   # an answer that is no bin is a mistake of the bench


def point(name, bins):
    return Point(name, bins)


def flags(name):
    """Both of no and yes."""
    return Point(name, [False, True])


def cross(name, *sets):
    """Every combination; hit with a tuple."""
    return Point(name, itertools.product(*sets))


def _write():
    path = os.environ.get("COVER_FILE")
    if path:
        with open(path, "w", encoding="ascii") as file:
            json.dump(_points, file, indent=1)


atexit.register(_write)
