#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What nicjit must refuse. NAME.c (or NAME.s, for what clang would never emit: bytes of one instruction per line) is the program,
# NAME.txt what must be said: "LINE: SENTENCE", "instruction N: SENTENCE" or "SENTENCE", then "note: ...", then "exit CODE".
# `run.sh NAME...` runs only these; `run.sh -w NAME...` writes NAME.txt from what is said, for a new case: read it before you keep it.
suite=refuse
. tests/tools/suite.sh
write=
if [ "${1:-}" = -w ]; then
	write=1
	shift
fi
[ $# -gt 0 ] || set -- $(cd $here && ls -- *.c *.s | sed 's/\.[cs]$//')

said() {
	sed -n 's/^[^ ]*:\([0-9]*\):[0-9]*: error: /\1: /p; t; s/^.*error: //p; t; /^note: /p' "$1"
}
for name in "$@"; do
	src=$(ls $here/"$name".[cs])
	if ! compile_bpf "$src" "$out/$name.o" 2>"$out/$name.cc"; then
		cat "$out/$name.cc"
		fail "$name: clang does not take it"
		continue
	fi
	"$B"/nicjit "$out/$name.o" -o /dev/null >"$out/$name.stdout" 2>"$out/$name.stderr"
	code=$?
	{ said "$out/$name.stderr" && echo "exit $code"; } >"$out/$name.txt"
	[ -z "$write" ] || cp "$out/$name.txt" "$here/$name.txt"
	if ! diff -u "$here/$name.txt" "$out/$name.txt"; then
		cat "$out/$name.stderr"
		fail "$name"
	else
		pass
	fi
done
suite_end
