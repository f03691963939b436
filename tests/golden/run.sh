#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What the compiler makes of a program, stage by stage. NAME.c or NAME.s is the program; for each NAME.STAGE.txt beside it the text of
# `nicjit --dump=STAGE` must be that. NAME.OPTIONS holds further options. `run.sh NAME...` runs only these; `run.sh --update [NAME...]`
# writes what the compiler says now: read the difference before you keep it. A new case starts with an empty NAME.STAGE.txt.
suite=golden
. tests/tools/suite.sh
update=
if [ "${1:-}" = --update ]; then
	update=1
	shift
fi
[ $# -gt 0 ] || set -- $(cd $here && ls -- *.c *.s | sed 's/\.[cs]$//')
for name in "$@"; do
	src=$(ls $here/"$name".[cs])
	options=
	[ ! -f "$here/$name.options" ] || options=$(cat "$here/$name.options")
	if ! compile_bpf "$src" "$out/$name.o" -mcpu=v3; then
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
			pass
		else
			fail "$name $stage"
		fi
	done
done
suite_end
