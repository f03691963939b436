# SPDX-License-Identifier: Apache-2.0
# In what Verilator makes of a clock: a part of the tiles' code for all tiles, then the next part, instead of all of it for tile after tile.
# So a part is in the processor's cache for all but the first. Tiles know nothing of each other: calls of two that follow each other may change places.
function flush(   part, i) {
	for (part = 0; part <= last; part++)
		for (i = 1; i <= count; i++)
			if (parts[i] == part) print calls[i]
	count = last = 0
}
/^ *Vnic_fp_tile.*___nba_sequent__.*tile__[0-9]+\(/ {
	match($0, /tile__[0-9]+\(/)
	calls[++count] = $0
	parts[count] = substr($0, RSTART + 6, RLENGTH - 7) + 0
	if (parts[count] > last) last = parts[count]
	next
}
{ flush(); print }
