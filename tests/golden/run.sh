#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What the compiler makes of a program, stage by stage. NAME.c or NAME.s is the program; for each NAME.STAGE.txt beside it the text of
# `nicjit --dump=STAGE` must be that. NAME.OPTIONS holds further options. `run.sh NAME...` runs only these; `run.sh --update [NAME...]`
# writes what the compiler says now: read the difference before you keep it. A new case starts with an empty NAME.STAGE.txt.
B="${B:-build}"
here=tests/golden
out="$B/golden"
mkdir -p "$out"
update=
if [ "${1:-}" = --update ]; then
	update=1
	shift
fi
[ $# -gt 0 ] || set -- $(cd $here && ls -- *.c *.s | sed 's/\.[cs]$//')

passed=0
failed=0
fail() {
	echo "FAIL $1"
	failed=$((failed + 1))
}
for name in "$@"; do
	src=$(ls $here/"$name".[cs])
	options=
	[ ! -f "$here/$name.options" ] || options=$(cat "$here/$name.options")
	if ! "${BPF_CC:-clang}" -O2 -g -target bpf -mcpu=v3 -I"/usr/include/$(gcc -print-multiarch)" -c "$src" -o "$out/$name.o"; then
		fail "$name: clang does not take it"
		continue
	fi
	stages=$(cd $here && ls -- "$name".*.txt 2>/dev/null)
	[ -n "$stages" ] || fail "$name: no stage is expected"
	for want in $stages; do
		stage=${want%.txt}
		stage=${stage##*.}
		# shellcheck disable=SC2086
		if ! "$B"/nicjit "$out/$name.o" $options --dump="$stage" >"$out/$want" 2>"$out/$want.err"; then
			cat "$out/$want.err"
			fail "$name $stage"
			continue
		fi
		[ -z "$update" ] || cp "$out/$want" "$here/$want"
		if diff -u "$here/$want" "$out/$want"; then
			passed=$((passed + 1))
		else
			fail "$name $stage"
		fi
	done
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
