// SPDX-License-Identifier: Apache-2.0
//
// Writes to the external map memory: stores, atomics that have their result, and which lines are being changed. A line's place is
// taken from its grant until the memory has answered the write.

`include "regs.vh"
`default_nettype none

module map_ext_write (
	input  wire         clk_i,
	input  wire         rst_i,
	// places that are taken
	input  wire         grant_i,
	input  wire [6:0]   grant_place_i,
	output wire [127:0] changing_o,
	// room for a store that is granted now; for what leaves in this cycle
	input  wire         hold_i,              // an atomic waits: grant no stores
	output wire         store_room_o,
	output wire         change_room_o,
	// a store
	input  wire         store_i,
	input  wire         none_i,              // no such line: not written
	input  wire         whole_i,             // 0 for the whole line
	input  wire [27:0]  word_i,
	input  wire [6:0]   place_i,
	input  wire [7:0]   mask_i,
	input  wire [63:0]  data_i,
	// an atomic leaves; not in a cycle with a store
	input  wire         end_i,
	input  wire         writes_i,            // with a result
	input  wire [27:0]  end_word_i,
	input  wire [6:0]   end_place_i,
	input  wire [7:0]   end_mask_i,
	input  wire [63:0]  end_data_i,
	output wire         idle_o,
	output wire         error_o,
	// memory
	output wire         aw_valid_o,
	input  wire         aw_ready_i,
	output wire [24:0]  aw_line_o,
	output wire         w_valid_o,
	input  wire         w_ready_i,
	output wire [511:0] w_data_o,
	output wire [63:0]  w_strb_o,
	input  wire         b_valid_i,
	input  wire [1:0]   b_resp_i
);
	localparam Writes = `NIC_EXT_WRITES;
	localparam WW = $clog2(Writes);
	localparam Fifo = `NIC_EXT_FIFO;
	localparam FW = $clog2(Fifo);
	localparam [WW:0] WritesLess2 = Writes - 2, WritesAll = Writes;
	localparam [FW:0] FifoLess2 = Fifo - 2, FifoAll = Fifo;

	reg  [127:0] changing_q;
	wire [WW:0]  tag_count;
	wire [FW:0]  aw_count, w_count;
	wire         tag_valid;
	wire [6:0]   tag;
	wire         push = (store_i && !none_i) || (end_i && writes_i);
	wire [27:0]  word = store_i ? word_i : end_word_i;
	wire         whole = store_i && whole_i;
	wire         w_whole;
	wire [2:0]   w_at;
	wire [7:0]   w_mask;
	wire [63:0]  w_word;

	assign store_room_o  = !hold_i && tag_count <= WritesLess2 && aw_count <= FifoLess2 && w_count <= FifoLess2;
	assign change_room_o = !store_i && tag_count != WritesAll && aw_count != FifoAll && w_count != FifoAll;

	fifo #(.Width(7), .Depth(Writes)) tags (
		.clk_i(clk_i), .rst_i(rst_i), .push_i(push), .data_i(store_i ? place_i : end_place_i),
		.valid_o(tag_valid), .head_o(tag), .count_o(tag_count), .pop_i(b_valid_i)
	);
	fifo #(.Width(25), .Depth(Fifo)) addresses (
		.clk_i(clk_i), .rst_i(rst_i), .push_i(push), .data_i(word[27:3]),
		.valid_o(aw_valid_o), .head_o(aw_line_o), .count_o(aw_count), .pop_i(aw_valid_o && aw_ready_i)
	);
	fifo #(.Width(1 + 3 + 8 + 64), .Depth(Fifo)) rows (
		.clk_i(clk_i), .rst_i(rst_i), .push_i(push),
		.data_i({whole, word[2:0], store_i ? mask_i : end_mask_i, store_i ? data_i : end_data_i}),
		.valid_o(w_valid_o), .head_o({w_whole, w_at, w_mask, w_word}), .count_o(w_count), .pop_i(w_valid_o && w_ready_i)
	);
	assign w_data_o   = {8{w_word & {64{!w_whole}}}};
	assign w_strb_o   = {64{w_whole}} | {56'd0, w_mask} << {w_at, 3'd0};
	assign changing_o = changing_q;
	assign idle_o     = !tag_valid;
	assign error_o    = (store_i && none_i) || (b_valid_i && b_resp_i != 2'd0);

	wire [127:0] granted, written, refused, ended;

	hot #(.Count(128), .NW(7)) granted_set (.valid_i(grant_i), .number_i(grant_place_i), .hot_o(granted));
	hot #(.Count(128), .NW(7)) written_set (.valid_i(b_valid_i), .number_i(tag), .hot_o(written));
	hot #(.Count(128), .NW(7)) refused_set (.valid_i(store_i && none_i), .number_i(place_i), .hot_o(refused));
	hot #(.Count(128), .NW(7)) ended_set (.valid_i(end_i && !writes_i), .number_i(end_place_i), .hot_o(ended));

	wire         changes = grant_i || b_valid_i || (store_i && none_i) || (end_i && !writes_i);
	always @(posedge clk_i)
		if (rst_i) changing_q <= 128'd0;
		else if (changes) changing_q <= (changing_q & ~written & ~refused & ~ended) | granted;
endmodule

`default_nettype wire
