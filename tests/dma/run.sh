#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The host side alone: Verilog and C model in lock step, under a host that makes mistakes.
exec "${B:-build}/dma-lockstep" 1 12 100000
