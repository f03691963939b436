// SPDX-License-Identifier: Apache-2.0
//
// Walks the chains of all lookups in flight: reads an entry's word 0 and key words at once, one entry a clock, and goes on with the
// next entry of the chain behind others.

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
	// the first entry of a chain, 0: none
	input  wire                new_i,
	input  wire [SW-1:0]       new_slot_i,
	input  wire [31:0]         new_entry_i,
	// key of a slot, combinational
	output wire [SW-1:0]       key_slot_o,
	input  wire [191:0]        key_i,
	input  wire [1:0]          key_words_i,
	input  wire                lru_i,        // of its map: whose entries have a reference bit
	input  wire [31:0]         first_i,      // entries of its map
	input  wire [31:0]         last_i,
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
	localparam QW = SW + 21 + 32;

	wire            new_valid, again_valid, again_put, take_again, take;
	wire [SW-1:0]   new_slot, again_slot, slot;
	wire [31:0]     new_entry, again_entry, entry;
	wire [20:0]     again_walked, walked;
	reg             served_new_q;
	wire [5:0]      unused_new_count, unused_again_count;

	map_queue #(.Width(SW + 32), .Depth(Slots), .CW(6)) first_entries (
		.clk_i(clk_i), .rst_i(rst_i), .push_i(new_i), .data_i({new_slot_i, new_entry_i}),
		.valid_o(new_valid), .head_o({new_slot, new_entry}), .count_o(unused_new_count), .pop_i(take && !take_again)
	);
	wire [SW-1:0] end_slot;
	wire [20:0]   end_walked;
	reg  [31:0]   end_next_q;
	map_queue #(.Width(QW), .Depth(Slots), .CW(6)) next_entries (
		.clk_i(clk_i), .rst_i(rst_i), .push_i(again_put), .data_i({end_slot, end_walked, end_next}),
		.valid_o(again_valid), .head_o({again_slot, again_walked, again_entry}), .count_o(unused_again_count),
		.pop_i(take && take_again)
	);

	assign take       = new_valid || again_valid;
	assign take_again = again_valid && (!new_valid || served_new_q);
	assign slot       = take_again ? again_slot : new_slot;
	assign entry      = take_again ? again_entry : new_entry;
	assign walked     = take_again ? again_walked + 21'd1 : 21'd1;

	// The entry's words lie in all banks, those below its first one a row further on.
	wire [BW-1:0] off = entry[3 +: BW];
	wire [AW-1:0] row = entry[3+BW +: AW];
	wire [AW-1:0] next_row = row + {{AW-1{1'b0}}, 1'b1};
	wire [Banks-1:0] below = ~({Banks{1'b1}} << off);

	wire [BW-1:0]   key_off;
	reg  [BW-1:0]   data_off_q;
	reg  [64*Banks-1:0] want_q;      // what the banks must give
	reg  [Banks-1:0] care_q, equal_q;
	reg  [1:0]      data_words_q, end_words_q;
	wire            end_valid;
	wire [31:0]     end_next = {end_next_q[31:1], 1'b0};
	reg             data_lru_q, end_lru_q;
	reg  [31:0]     next;
	integer         i;
	genvar          g;

	delay #(.Width(SW + BW), .Stages(Latency)) to_key (.clk_i(clk_i), .d_i({slot, off}), .q_o({key_slot_o, key_off}));
	delay #(.Width(SW + 21), .Stages(Latency + 2)) to_end (
		.clk_i(clk_i), .d_i({slot, walked}), .q_o({end_slot, end_walked})
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
			wire [BW-1:0] place = Here - key_off;
			wire [BW-1:0] far   = place >> 2;
			wire [63:0]   key;
			mux4 #(.Width(64)) key_word (.sel_i(place[1:0]), .in_i({key_i, 64'd0}), .out_o(key));
			always @(posedge clk_i) begin
				addr_o[AW*g +: AW] <= below[g] ? next_row : row;
				want_q[64*g +: 64] <= key;
				care_q[g]          <= far == {BW{1'b0}} && place[1:0] != 2'd0 && place[1:0] <= key_words_i;
				equal_q[g]         <= !care_q[g] || words_i[64*g +: 64] == want_q[64*g +: 64];
			end
		end
	endgenerate
	always @(*) begin
		next = 32'd0;
		for (i = 0; i < Banks; i = i + 1)
			if (data_off_q == i[BW-1:0]) next = next | words_i[64*i +: 32];
	end

	wire some = end_entry_q != 32'd0;
	wire same = equal_q == {Banks{1'b1}};
	wire more = good_q && !same && end_next != 32'd0;
	assign again_put    = end_valid && more && end_walked != WalkMax;
	assign done_o       = end_valid && !again_put;
	assign done_slot_o  = end_slot;
	assign touch_o       = end_valid && good_q && same && end_lru_q && !end_next_q[0];
	assign touch_entry_o = end_entry_q[31:3];
	assign done_fault_o = more || (some && !good_q);
	assign done_found_o = good_q && same;
	assign done_value_o = end_entry_q + {27'd0, end_words_q, 3'd0} + 32'd8;

	always @(posedge clk_i) begin
		data_off_q <= key_off;
		data_words_q <= key_words_i;
		end_words_q  <= data_words_q;
		data_first_q <= first_i;
		data_lru_q   <= lru_i;
		end_lru_q    <= data_lru_q;
		data_last_q  <= last_i;
		end_entry_q  <= data_entry;
		good_q       <= good && data_entry != 32'd0;
		end_next_q <= next;
		valid_q    <= rst_i ? {Latency+2{1'b0}} : {valid_q[Latency:0], take};
		served_new_q <= !rst_i && (take ? !take_again : served_new_q);
	end

	wire unused = &{1'b0, entry, unused_new_count, unused_again_count};
endmodule

`default_nettype wire
