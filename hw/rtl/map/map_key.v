// SPDX-License-Identifier: Apache-2.0
//
// Key buffer and its hash. Words are put in by number; the last may come up to two cycles after start_i, always before
// the hash looks at them.

`include "ram_style.vh"
`include "regs.vh"
`default_nettype none

module map_key (
	input  wire        clk_i,
	input  wire        rst_i,
	input  wire        put_i,
	input  wire [5:0]  put_index_i,
	input  wire [63:0] put_word_i,
	input  wire [5:0]  index_i,
	output wire [63:0] word_o,       // key word index_i; not while hashing
	input  wire        start_i,
	input  wire        hashing_i,    // from start_i to done_o
	input  wire [31:0] seed_i,
	input  wire [6:0]  words_i,
	output wire        done_o,       // last cycle; the hash is there from the next cycle on
	output wire [31:0] hash_o
);
	localparam Words = `NIC_KEY_BYTES / 8;

	`RAM_LUT reg [63:0] mem_q [0:Words-1];
	wire [5:0] hash_index;

	assign word_o = mem_q[hashing_i ? hash_index : index_i];

	always @(posedge clk_i) if (put_i) mem_q[put_index_i] <= put_word_i;

	map_hash hasher (
		.clk_i(clk_i), .rst_i(rst_i), .start_i(start_i), .seed_i(seed_i), .words_i(words_i),
		.index_o(hash_index), .word_i(word_o), .done_o(done_o), .hash_o(hash_o)
	);
endmodule

`default_nettype wire
