#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The external map memory: its unit alone, Verilog and C model in lock step under random requests.
"${B:-build}/ext-lockstep" 1 40 20000
