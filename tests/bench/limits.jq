# SPDX-License-Identifier: Apache-2.0
# What holds a program up at full load, from the clocks of each part of the core that a packet needs.

def hash_commands: ["MLOOK", "MUPD", "MDEL", "MCPY"];

# A turn passes between two bundles of a thread that do not wait.
def turn: 8;

def demands:
	{
		bundles: .full.bundles_per_packet,
		rows: .full.rows_in,
		stores: .stores_per_packet,
		hash: ([.profile[] | select(.command as $c | hash_commands | index([$c])) | .per_packet * (.clocks - turn)] | add // 0),
		threads: ((([.profile[] | .per_packet * .clocks] | add // 0) + turn) / .threads)
	};

def limit:
	.full.clocks_per_packet as $clocks
	| any(.profile[]; .command) as $commands
	| demands
	| if .bundles >= 0.95 * $clocks then "bundles"
	  elif .hash >= 0.95 * $clocks and .hash <= 1.05 * $clocks then "hash engine"
	  elif .rows >= 0.95 * $clocks or (.stores > 0 and .rows + .stores >= 0.95 * $clocks) then "packet port"
	  elif .threads >= 0.9 * $clocks then "threads"
	  elif $commands then "map commands"
	  else "waits" end;
