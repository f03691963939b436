# SPDX-License-Identifier: Apache-2.0
"""The two forms of a module, the simulator's (`ifdef VERILATOR) and the one that is synthesised, do the same: rows of forms.def. What both have
in registers of one name is equal in every clock, by induction; initial values are zeros."""
import pathlib

INCLUDES = " ".join(f"-Ihw/rtl/{part}" for part in ("lib", "core", "map", "pkt"))
ELABORATE = """read_verilog -defer -DSYNTHESIS {define} -Ihw/gen {includes} {file}
read_verilog -defer -DSYNTHESIS -Ihw/gen {includes} {others}
hierarchy -check -top {module} {parameters}
proc
flatten
memory -nordff
opt -full -nodffe -nosdff
opt_clean -purge
rename -top {form}
select -write {out}.{form}.txt {form}/w:*_q {form}/w:*_q[*]
design -stash {form}
"""
MITER = """design -copy-from simulated simulated
design -copy-from synthesised synthesised
miter -equiv -flatten simulated synthesised miter
hierarchy -top miter
opt -full -nodffe -nosdff
write_rtlil {out}.il
"""
SOLVE = """read_rtlil {out}.il
sat -verify {method} -prove trigger 0 {equal} -show-inputs miter
"""


class Form:
    def __init__(self, number, row):
        self.module, steps, parameters, self.edit = (field.strip() for field in row.split("|", 3))
        self.number, self.steps = number, int(steps)
        self.parameters = dict(setting.split("=") for setting in parameters.split())
        self.skip = self.parameters.pop("skip", "0")
        self.file = next(pathlib.Path("hw/rtl").glob(f"*/{self.module}.v"))

    def elaborate(self, form, define, file, out):
        around = {*pathlib.Path("hw/rtl/lib").glob("*.v"), *self.file.parent.glob("*.v")} - {self.file}
        return ELABORATE.format(form=form, define=define, file=file, out=out, includes=INCLUDES, module=self.module, others=" ".join(sorted(map(str, around))),
                                parameters=" ".join(f"-chparam {name} {value}" for name, value in self.parameters.items()))

    def prepare(self, out, simulated):
        """The script that makes both forms, of which one may be another file."""
        return self.elaborate("simulated", "-DVERILATOR", simulated or self.file, out) + self.elaborate("synthesised", "", self.file, out) + MITER.format(out=out)

    def solve(self, out, refute):
        """The script that compares what prepare() made; to refute it the first clocks are enough."""
        names = [{line.split("/", 1)[1] for line in pathlib.Path(f"{out}.{form}.txt").read_text(encoding="ascii").splitlines()} for form in ("simulated", "synthesised")]
        equal = " ".join(f"-prove gold.{name} gate.{name}" for name in sorted(names[0] & names[1]) if "$" not in name and self.steps)
        method = f"{'-tempinduct-baseonly' if refute else '-tempinduct'} -maxsteps {self.steps + int(self.skip)} -set-init-zero -tempinduct-skip {self.skip}" if self.steps else ""
        return SOLVE.format(out=out, equal=equal, method=method)


def rows():
    return [row for row in pathlib.Path("hw/formal/forms.def").read_text(encoding="ascii").splitlines() if row and row[0] != "#"]


def forms(wanted):
    """Those of these modules, or all, that are to be proven."""
    return [Form(number, row) for number, row in enumerate(rows()) if row.split("|")[1].strip() != "-" and (not wanted or row.split()[0] in wanted)]


def unlisted():
    """Modules with two forms that have no row."""
    two = {file.stem for file in pathlib.Path("hw/rtl").glob("*/*.v") if "def VERILATOR" in file.read_text(encoding="ascii")}
    return sorted(two - {row.split()[0] for row in rows()})
