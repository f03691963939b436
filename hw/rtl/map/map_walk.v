// SPDX-License-Identifier: Apache-2.0
//
// Walks the chains and tries of all lookups in flight: reads an entry's word 0 and key words at once, one entry a clock, and goes on with
// the next entry behind others. A chain ends at the entry with the lookup's key; a trie is followed while its nodes hold, the longest
// prefix is kept beside.

`include "regs.vh"
`default_nettype none

module map_walk #(
	parameter Slots = 32,
	parameter Banks = 4,
	parameter Words = 65536,
	parameter Latency = 2,
	parameter SW = $clog2(Slots),
	parameter BW = $clog2(Banks),
	parameter AW = $clog2(Words) - $clog2(Banks)
) (
	input  wire                clk_i,
	input  wire                rst_i,
	input  wire                pause_i,      // take no entry
	// the first entry of a chain, 0: none
	input  wire                new_i,
	input  wire [SW-1:0]       new_slot_i,
	input  wire [31:0]         new_entry_i,
	input  wire [31:0]         new_best_i,   // of a trie: longest prefix so far
	// key of a slot, combinational
	output wire [SW-1:0]       key_slot_o,
	input  wire [191:0]        key_i,
	input  wire [1:0]          key_words_i,
	input  wire                lru_i,        // of its map: entries have a reference bit
	input  wire                trie_i,       // it is a trie
	input  wire [31:0]         first_i,      // entries of its map
	input  wire [31:0]         last_i,
	// the bucket to be read next, when its bank is none of the entry's
	input  wire                bucket_i,
	input  wire [28:0]         bucket_word_i,
	output wire                bucket_gnt_o,
	// port B of the banks, data Latency cycles later
	output reg  [AW*Banks-1:0] addr_o,
	input  wire [64*Banks-1:0] words_i,
	// decided
	output wire                done_o,
	output wire [SW-1:0]       done_slot_o,
	output wire                done_fault_o,
	output wire                done_found_o,
	output wire [31:0]         done_value_o, // address of the value
	output wire                touch_o,      // the entry's reference bit is to be set
	output wire [28:0]         touch_entry_o // its word 0
);
	localparam [20:0] WalkMax = `NIC_HASH_WALK_MAX;
	localparam QW = SW + 21 + 64;

	wire            new_valid, again_valid, again_put, take_again, take;
	wire [SW-1:0]   new_slot, again_slot, slot;
	wire [31:0]     new_entry, again_entry, entry, new_best, again_best, best;
	wire [20:0]     again_walked, walked;
	reg             served_new_q;
	wire [SW:0]     unused_new_count, unused_again_count;

	map_queue #(.Width(SW + 64), .Depth(Slots), .CW(SW + 1)) first_entries (
		.clk_i(clk_i), .rst_i(rst_i), .push_i(new_i), .data_i({new_slot_i, new_entry_i, new_best_i}),
		.valid_o(new_valid), .head_o({new_slot, new_entry, new_best}), .count_o(unused_new_count), .pop_i(take && !take_again)
	);
	wire [SW-1:0] end_slot;
	wire [20:0]   end_walked;
	wire [31:0]   end_next, end_result;
	map_queue #(.Width(QW), .Depth(Slots), .CW(SW + 1)) next_entries (
		.clk_i(clk_i), .rst_i(rst_i), .push_i(again_put), .data_i({end_slot, end_walked, end_next, end_result}),
		.valid_o(again_valid), .head_o({again_slot, again_walked, again_entry, again_best}), .count_o(unused_again_count),
		.pop_i(take && take_again)
	);

	assign take       = (new_valid || again_valid) && !pause_i;
	assign take_again = again_valid && (!new_valid || served_new_q);
	assign slot       = take_again ? again_slot : new_slot;
	assign entry      = take_again ? again_entry : new_entry;
	assign best       = take_again ? again_best : new_best;
	assign walked     = take_again ? again_walked + 21'd1 : 21'd1;

	// The entry's words lie in all banks, those below its first one a row further on.
	wire [BW-1:0] off = entry[3 +: BW];
	wire [AW-1:0] row = entry[3+BW +: AW];
	wire [AW-1:0] next_row = row + {{AW-1{1'b0}}, 1'b1};
	wire [Banks-1:0] below = ~({Banks{1'b1}} << off);

	// Of those only the first four are looked at.
	localparam [BW:0] Looked = 4;
	wire [BW-1:0] bucket_bank = bucket_word_i[BW-1:0], bucket_off = bucket_bank - off;
	assign bucket_gnt_o = bucket_i && !((new_valid || again_valid) && {1'b0, bucket_off} < Looked);

	wire [BW-1:0]   key_off;
	reg  [BW-1:0]   data_off_q;
	reg  [191:0]    data_key_q;
	reg  [1:0]      data_words_q, end_words_q;
	reg             data_lru_q, end_lru_q, data_trie_q;
	wire            end_valid;
	genvar          g;

	delay #(.Width(SW + BW), .Stages(Latency)) to_key (.clk_i(clk_i), .d_i({slot, off}), .q_o({key_slot_o, key_off}));
	wire [31:0] end_best;
	delay #(.Width(SW + 21 + 32), .Stages(Latency + 2)) to_end (
		.clk_i(clk_i), .d_i({slot, walked, best}), .q_o({end_slot, end_walked, end_best})
	);
	wire [31:0] data_entry;
	reg  [31:0] data_first_q, data_last_q, end_entry_q;
	reg         good_q;
	wire        good;
	delay #(.Width(32), .Stages(Latency + 1)) to_data (.clk_i(clk_i), .d_i(entry), .q_o(data_entry));
	map_entry entry_check (.entry_i(data_entry), .first_i(data_first_q), .last_i(data_last_q), .ok_o(good));
	reg [Latency+1:0] valid_q;
	assign end_valid = valid_q[Latency+1];

	generate
		for (g = 0; g < Banks; g = g + 1) begin : g_bank
			localparam [BW-1:0] Here = g;
			always @(posedge clk_i)
				addr_o[AW*g +: AW] <= bucket_gnt_o && bucket_bank == Here ? bucket_word_i[BW +: AW] : below[g] ? next_row : row;
		end
	endgenerate

	// Word 0 and the key words in their order.
	wire [255:0] word;
	generate
		for (g = 0; g < 4; g = g + 1) begin : g_word
			localparam [BW-1:0] Place = g;
			mux #(.Width(64), .Count(Banks)) in_order (.sel_i(data_off_q + Place), .in_i(words_i), .out_o(word[64*g +: 64]));
		end
	endgenerate

	wire        more, fresh;
	map_node node (
		.clk_i(clk_i), .word_i(word), .key_i(data_key_q), .key_words_i(data_words_q), .trie_i(data_trie_q),
		.good_i(good_q), .entry_i(end_entry_q), .best_i(end_best), .next_o(end_next), .more_o(more), .result_o(end_result), .fresh_o(fresh)
	);
	wire some = end_entry_q != 32'd0;
	assign again_put    = end_valid && more && end_walked != WalkMax;
	assign done_o       = end_valid && !again_put;
	assign done_slot_o  = end_slot;
	assign touch_o       = end_valid && fresh && end_lru_q;
	assign touch_entry_o = end_entry_q[31:3];
	assign done_fault_o = more || (some && !good_q);
	assign done_found_o = end_result != 32'd0;
	assign done_value_o = end_result + {27'd0, end_words_q, 3'd0} + 32'd8;

	always @(posedge clk_i) begin
		data_off_q <= key_off;
		data_words_q <= key_words_i;
		data_key_q   <= key_i;
		data_trie_q  <= trie_i;
		end_words_q  <= data_words_q;
		data_first_q <= first_i;
		data_lru_q   <= lru_i;
		end_lru_q    <= data_lru_q;
		data_last_q  <= last_i;
		end_entry_q  <= data_entry;
		good_q       <= good && data_entry != 32'd0;
		valid_q    <= rst_i ? {Latency+2{1'b0}} : {valid_q[Latency:0], take};
		served_new_q <= !rst_i && (take ? !take_again : served_new_q);
	end

	wire unused = &{1'b0, entry, bucket_word_i, unused_new_count, unused_again_count};
endmodule

`default_nettype wire
