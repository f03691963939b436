# SPDX-License-Identifier: Apache-2.0
# For suites written in shell: `suite=NAME; . tests/tools/suite.sh`, from the top of the tree. Sets here and out, their own folders of sources and
# results; counts; ends with suite_end.
# shellcheck shell=sh disable=SC2034
B="${B:-build}"
here="tests/$suite"
out="$B/tests/$suite"
mkdir -p "$out"
passed=0
failed=0

pass() {
	passed=$((passed + 1))
}

fail() { # name [text]
	failed=$((failed + 1))
	echo "FAIL $1"
	[ -z "${2:-}" ] || echo "$2" | head -n "${SUITE_LINES:-12}"
	return 1
}

check() { # name, command...
	name="$1"
	shift
	if text=$("$@" 2>&1); then
		pass
	else
		fail "$name" "$text"
	fi
}

compile_bpf() { # source, object, flags...
	bpf_source=$1
	bpf_object=$2
	shift 2
	"${BPF_CC:-clang}" -O2 -g -target bpf -I"/usr/include/$(gcc -print-multiarch)" "$@" -c "$bpf_source" -o "$bpf_object"
}

# Sets kernel to whether the running kernel is asked; what is done without it is said in a note.
ask_kernel() { # what is done without
	kernel=1
	why=$(tests/tools/kernel.sh) && return
	kernel=0
	echo "note: the running kernel is not asked ($why)${1:+; $1}"
}

suite_end() {
	echo "$passed passed, $failed failed"
	[ "$failed" -eq 0 ]
}
