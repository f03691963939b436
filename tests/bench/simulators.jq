# SPDX-License-Identifier: Apache-2.0
include "table";

def row($name; $base): [$name, (.clocks_per_second / 1000 | digits(0)), (.packets_per_second / 1000 | digits(1)),
	(.clocks_per_second / $base.clocks_per_second | digits(2))];

.rtl as $rtl
| "## Simulators",
"",
"`\(.program)` with 64-byte packets on a NIC of \(.cores) cores; wall time of this machine as it was, so only the ratios mean something. Made by `\(.command)`.",
"",
table(["simulator", "kclocks/s", "kpackets/s", "of RTL"]; [
	(.rtl | row("RTL (Verilator), one process"; $rtl)),
	(.two | row("RTL, two processes side by side"; $rtl)),
	(.iss | row("C model"; $rtl))])
