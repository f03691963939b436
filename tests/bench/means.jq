# SPDX-License-Identifier: Apache-2.0
include "table";

# The ten programs of the target's mean: for each the first row that runs.
def ten: ["xdp1", "xdp2", "xdp_adjust_tail", "xdp_router_ipv4", "xdp_rxq_info drop", "xdp_rxq_info tx", "xdp_tx_iptunnel", "xdp_redirect_map",
	"simple firewall", "Katran, reduced"];

def mean: map(log) | add / length | exp | digits(1);

def means($peers):
	.rows as $rows
	| [ten[] as $peer | [$rows[] | select(.nic and .peer == $peer)][0] | select(.)] as $run
	| if $run == [] then "none of the ten programs runs" else
		"\($run | map(.nic.full.clocks_per_packet) | mean) clocks over the \($run | length) of ten programs that run in some form, hXDP \($run | map(156.25 / $peers.programs[.peer].hxdp) | mean) over the same" end;
