#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# program.sh EXAMPLE OPTION: where an example holds several programs, the option that names the one packets come to: it is called as the
# example. Nothing for the others.
[ "$(cat "bpf-examples/$1/"*.c | grep -c '^SEC("xdp')" -le 1 ] || echo "$2 $1"
