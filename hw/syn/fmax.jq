# SPDX-License-Identifier: Apache-2.0
include "table";

"### Clock reached after place and route",
"",
"Single modules between registers, one seed. The iCE40 is a slow 40 nm part without multiplexers or memory in its LUTs: the same PicoRV32 reaches 84 MHz",
"on it and 666 to 714 MHz on UltraScale+. Made by `\(.command)`.",
"",
table(["module", "device", "cells", "MHz"]; [.results[] | [."module", .device, .cells, (.mhz | digits(1))]])
