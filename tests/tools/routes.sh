#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# routes.sh EXAMPLE: the option with the example's routes, or nothing. routes.sh EXAMPLE COMMAND...: runs it where the kernel has these routes.
routes="bpf-examples/$1/routes.json"
host="bpf-examples/$1/host.sh"
if [ $# -eq 1 ]; then
	[ ! -f "$routes" ] || echo "--fib $routes"
	exit 0
fi
shift
[ -f "$host" ] || exec "$@"
exec unshare -n sh "$host" "$@"
