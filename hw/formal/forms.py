# SPDX-License-Identifier: Apache-2.0
"""The two forms of a module, the simulator's (`ifdef VERILATOR) and the one that is synthesised, do the same: rows of forms.def. What both have
in registers of one name is equal in every clock, by induction; initial values are zeros. Where that has no answer in time, or holds only of what somebody
looks at, both get the same random inputs in Icarus instead."""
import pathlib
import re

INCLUDES = " ".join(f"-Ihw/rtl/{part}" for part in ("lib", "core", "map", "pkt", "csr", "dma"))
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
BENCH = """{includes}
module bench;
{parameters}
{inputs}
{outputs}
{seen}
	{module}_simulated {settings} simulated ({ports}{simulated});
	{module} {settings} synthesised ({ports}{synthesised});

	integer n, k;
	initial begin
		for (n = 0; n < {clocks}; n = n + 1) begin
{drive}
			#1;
{compare}
			clk_i = 1;
			#1 clk_i = 0;
		end
{unseen}
		$display("the same");
		$finish;
	end
endmodule
"""


class Form:
    def __init__(self, number, row):
        self.module, steps, parameters, self.edit = (field.strip() for field in row.split("|", 3))
        self.number, self.random = number, steps.startswith("random")
        self.steps = int(steps.removeprefix("random"))
        self.parameters = dict(setting.split("=", 1) for setting in parameters.split())
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

    def bench(self, simulated):
        """Both forms side by side for that many clocks, the simulator's as another module; what the row says of an input is driven, of an output is when it is
        looked at. A bit that is not known in one of them is no difference, but of each output some bit has to be seen at 0 and at 1 in both."""
        text = self.file.read_text(encoding="ascii")
        head, ports = re.search(r"^module \w+ (?:#\((.*?)\n\) )?\((.*?)^\);", text, re.M | re.S).groups()
        ports = [(way, width or "[0:0]", name) for way, width, name in re.findall(r"^\s*(input|output)\s+(?:wire|reg)\s+(\[.*?\])?\s*(\w+)", ports, re.M)]
        settings = [(width or "", name, self.parameters.get(name, value))
                    for width, name, value in re.findall(r"parameter\s+(\[.*?\])?\s*(\w+)\s*=\s*(.*?),?\s*(?://.*)?$", head or "", re.M)]
        unknown = set(self.parameters) - {name for _, _, name in ports} - {name for _, name, _ in settings}
        if unknown:
            raise ValueError(f"{self.module} has no {', '.join(unknown)}")
        inputs, outputs = ([(width, name) for way, width, name in ports if way == wanted] for wanted in ("input", "output"))
        at_random = "for (k = 0; k < $bits({0}); k = k + 32) {0}[k +: 32] = $urandom;"
        drive = {"clk_i": "", "rst_i": "rst_i = n < 4 || $urandom % 256 == 0;"}
        see = "if ({1}) {{zeros_{0}, ones_{0}}} = {{zeros_{0} | ~(simulated_{0} | synthesised_{0}), ones_{0} | (simulated_{0} & synthesised_{0})}};"
        unseen = 'if (|(zeros_{0} & ones_{0}) !== 1\'b1) begin $display("says nothing about {0}"); $finish; end'
        compare = 'if (|(simulated_{0} ^ synthesised_{0}) === 1\'b1 && {1}) begin $display("differs in clock %0d: {0}", n); $finish; end'
        own = (simulated or self.file).read_text(encoding="ascii")
        return f"`define VERILATOR\n{re.sub(rf'^module {self.module}', f'module {self.module}_simulated', own, flags=re.M)}\n`undef VERILATOR\n" + BENCH.format(
            includes="\n".join(re.findall(r"^`include.*$", text, re.M)), module=self.module, clocks=self.steps,
            parameters="\n".join(f"\tlocalparam {width} {name} = {value};" for width, name, value in settings),
            settings=f"#({', '.join(f'.{name}({name})' for _, name, _ in settings)})" if settings else "",
            inputs="\n".join(f"\treg {width} {name} = 0;" for width, name in inputs),
            outputs="\n".join(f"\twire {width} simulated_{name}, synthesised_{name};" for width, name in outputs),
            seen="\n".join(f"\treg {width} zeros_{name} = 0, ones_{name} = 0;" for width, name in outputs),
            unseen="\n".join("\t\t" + unseen.format(name) for _, name in outputs),
            ports="".join(f".{name}({name}), " for _, name in inputs),
            simulated=", ".join(f".{name}(simulated_{name})" for _, name in outputs), synthesised=", ".join(f".{name}(synthesised_{name})" for _, name in outputs),
            drive="\n".join("\t\t\t" + (f"{name} = {self.parameters[name]};" if name in self.parameters else drive.get(name, at_random.format(name))) for _, name in inputs),
            compare="\n".join("\t\t\t" + (compare + " else " + see).format(name, self.parameters.get(name, "1")) for _, name in outputs))


def rows():
    return [row for row in pathlib.Path("hw/formal/forms.def").read_text(encoding="ascii").splitlines() if row and row[0] != "#"]


def forms(wanted):
    """Those of these modules, or all."""
    return [Form(number, row) for number, row in enumerate(rows()) if not wanted or row.split()[0] in wanted]


def unlisted():
    """Modules with two forms that have no row."""
    two = {file.stem for file in pathlib.Path("hw/rtl").glob("*/*.v") if "def VERILATOR" in file.read_text(encoding="ascii")}
    return sorted(two - {row.split()[0] for row in rows()})
