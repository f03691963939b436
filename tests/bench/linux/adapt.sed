# SPDX-License-Identifier: Apache-2.0
# What is changed in Linux' samples before they are compiled; none of it changes what they do with a packet.
# "May be given packets in fragments": the NIC's packets are in one piece.
s/SEC("xdp.frags")/SEC("xdp")/
# The samples' own loader gives these maps one entry per CPU; their counters are read with bpf(2) instead of mmap(2).
s/__uint(map_flags, BPF_F_MMAPABLE);/__uint(max_entries, 64);/
