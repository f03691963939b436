#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""declared.py FILE.v...: names of wires and registers that are used above their declaration. Icarus, Verilator and Yosys take such a
name; other tools make a wire of one bit of it."""
import re
import sys

SKIPPED = re.compile(r"//[^\n]*|^`[^\n]*|^[ \t]*function\b.*?\bendfunction\b", re.M | re.S)
DECLARED = re.compile(r"^[ \t]*(?:`\w+[ \t]+)?(?:wire|reg|integer)\b[ \t]*(?:signed\b[ \t]*)?(?:\[[^;]*?\][ \t]+)?([^;]*);", re.M)
INSIDE = re.compile(r"\{[^{}]*\}|\([^()]*\)|\[[^\[\]]*\]")


def names(declaration):
    """Of `a = x[1], b [0:3]`: a, b."""
    while INSIDE.search(declaration):
        declaration = INSIDE.sub("", declaration)
    return [part.split()[0] for part in declaration.split(",")]


def early(source):
    source = SKIPPED.sub(lambda text: re.sub(r"[^\n]", " ", text.group()), source)
    at = {}
    for declaration in DECLARED.finditer(source):
        for name in names(declaration.group(1)):
            at.setdefault(name, declaration.start())
    for name, start in at.items():
        use = re.search(rf"(?<![\w.`$]){name}\b", source[:start])
        if use:
            yield source.count("\n", 0, use.start()) + 1, name


for path in sys.argv[1:]:
    with open(path, encoding="ascii") as file:
        for line, name in early(file.read()):
            print(f"{path}:{line}: {name} is declared below")
