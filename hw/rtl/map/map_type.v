// SPDX-License-Identifier: Apache-2.0
//
// What a map's type means to the engine.

`include "regs.vh"
`default_nettype none

module map_type (
	input  wire [7:0] type_i,
	output wire       hash_o,        // hash table
	output wire       planes_o,      // with a value for each CPU
	output wire       lru_o,         // that makes room
	output wire       trie_o         // LPM trie
);
	localparam [7:0] Hash = `NIC_TYPE_HASH, PercpuHash = `NIC_TYPE_PERCPU_HASH, LruHash = `NIC_TYPE_LRU_HASH,
		LruPercpuHash = `NIC_TYPE_LRU_PERCPU_HASH, Trie = `NIC_TYPE_LPM_TRIE;

	assign planes_o = type_i == PercpuHash || type_i == LruPercpuHash;
	assign lru_o    = type_i == LruHash || type_i == LruPercpuHash;
	assign trie_o   = type_i == Trie;
	assign hash_o   = type_i == Hash || planes_o || lru_o;
endmodule

`default_nettype wire
