# SPDX-License-Identifier: Apache-2.0
"""Mutants of a source text: one operator or constant changed in one place. Verilog and C in the style of this repository, in which
binary operators stand between blanks."""
import re
from collections import namedtuple

Mutant = namedtuple("Mutant", "file line column old new")

BINARY = {
    "&&": "||", "||": "&&", "==": "!=", "!=": "==", "<": "<=", ">": ">=", ">=": ">", "<=": "<", "+": "-", "-": "+", "&": "|",
    "|": "&", "^": "&", "<<": ">>", ">>": "<<",
}
BETWEEN_BLANKS = re.compile(r"(?<= )(?:%s)(?= )" % "|".join(sorted(map(re.escape, BINARY), key=len, reverse=True)))
NEGATION = re.compile(r"(?<![\w)!~^&|])[!~](?=[\w(])")
VERILOG_BIT = re.compile(r"\b1'b[01]\b")
VERILOG_NUMBER = re.compile(r"\b(\d+)'d(\d+)\b")
SKIP_VERILOG = re.compile(r"\s*(//|`|module|endmodule|input|output|parameter|localparam|genvar|integer|for |end\b|\)|function|\$display|wire +unused)")
SKIP_C = re.compile(r"\s*(/?\*|//|#|assert|static_assert|enum|struct|return;|\}|case .*:$)")
EXPRESSION = re.compile(r"^\s*(assign|wire|&&|\|\||\?|:)")   # lines on which <= outside of brackets compares


def without_simulation(text):
    """Line numbers of what synthesis sees."""
    inside, lines = False, []
    for number, line in enumerate(text.splitlines()):
        if line.startswith("`ifndef SYNTHESIS"):
            inside = True
        if not inside:
            lines.append((number, line))
        if line.startswith(("`endif", "`else")):
            inside = False
    return lines


def of_line(line, verilog):
    """(column, old, new) of each place on a line."""
    code = line.split("//")[0] if verilog else re.split(r"/\*", line)[0]
    statement = verilog and not EXPRESSION.match(code)
    for match in BETWEEN_BLANKS.finditer(code):
        old = match.group()
        if old == "<=" and statement and code.count("(", 0, match.start()) == code.count(")", 0, match.start()):
            continue   # an assignment to a register
        yield match.start(), old, BINARY[old]
    for match in NEGATION.finditer(code):
        yield match.start(), match.group(), ""
    if verilog:
        for match in VERILOG_BIT.finditer(code):
            yield match.start(), match.group(), "1'b" + ("1" if match.group().endswith("0") else "0")
        for match in VERILOG_NUMBER.finditer(code):
            width, value = int(match.group(1)), int(match.group(2))
            yield match.start(), match.group(), f"{width}'d{(value + 1) % (1 << width)}"


def of_file(file, text):
    verilog = file.endswith(".v")
    lines = without_simulation(text) if verilog else list(enumerate(text.splitlines()))
    skip = SKIP_VERILOG if verilog else SKIP_C
    found = []
    for number, line in lines:
        if not skip.match(line):
            found += [Mutant(file, number + 1, column, old, new) for column, old, new in of_line(line, verilog)]
    return found


def apply(mutant, text):
    lines = text.splitlines(keepends=True)
    line = lines[mutant.line - 1]
    assert line.startswith(mutant.old, mutant.column), mutant
    lines[mutant.line - 1] = line[:mutant.column] + mutant.new + line[mutant.column + len(mutant.old):]
    return "".join(lines)


def describe(mutant, text):
    """Where and what, by the changed line's text, which stays when lines move."""
    line = apply(mutant, text).splitlines()[mutant.line - 1].strip()
    return f"{mutant.file}:{mutant.line}: {mutant.old} -> {mutant.new or 'nothing'}: {line}"
