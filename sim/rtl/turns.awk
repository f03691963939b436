# SPDX-License-Identifier: Apache-2.0
# In what Verilator makes of a clock: a part of the tiles' code for all tiles, then the next part, instead of all of it for tile after tile.
# So a part is in the processor's cache for all but the first. Tiles know nothing of each other: calls for two that follow each other may
# change places; those for one stay in order.
function flush(   part, i) {
	for (part = 0; part <= last; part++)
		for (i = 1; i <= count; i++)
			if (parts[i] == part) print calls[i]
	count = last = 0
	split("", turn)
}
/^ *Vnic_fp_tile.*___nba_sequent__.*tile__[0-9]+\(\(&/ {
	tile = $0
	sub(/.*\(\(&/, "", tile)
	calls[++count] = $0
	parts[count] = turn[tile]++
	if (parts[count] > last) last = parts[count]
	next
}
{ flush(); print }
