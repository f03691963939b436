#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# bench.sh [SECTION...]: all sections, or those named, which take the time that it takes; tables on the screen, and in build/bench/ as JSON and Markdown.
set -u
. tests/bench/common.sh
sections="programs scaling memory area kernel simulators host"
if [ $# -gt 0 ]; then export BENCH_WHOLE=1; else set -- ${sections% host}; fi # host has a target of its own
status=0
for section in "$@"; do
	case " $sections " in
	*" $section "*) ;;
	*)
		echo "bench: there is no section $section; there are: $sections" >&2
		exit 2
		;;
	esac
	$here/"$section.sh" || {
		quiet
		echo "bench: $section failed" >&2
		status=1
	}
done
exit $status
