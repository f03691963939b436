// SPDX-License-Identifier: Apache-2.0
//
// Lookups in hash maps outside the chip: from the bucket on, a read of half a line for the bucket and for each entry of the chain. The
// key and whose lookup it is are in the slots of map_look.

`include "regs.vh"
`include "map_bus.vh"
`default_nettype none

module map_ext_look #(
	parameter Slots = `NIC_LOOK_SLOTS,
	parameter SW = $clog2(Slots)
) (
	input  wire          clk_i,
	input  wire          rst_i,
	// a bucket to read
	input  wire          put_i,
	input  wire [SW-1:0] put_slot_i,
	input  wire [28:0]   put_word_i,
	input  wire          hold_i,       // read no bucket
	output wire          walking_o,    // a lookup is between the grant of its bucket and its end
	// request
	output wire          req_o,
	output wire [28:0]   word_o,
	output wire [`MAP_WAY_BITS-1:0] way_o,
	input  wire          gnt_i,
	// half a line has come
	input  wire          done_i,
	input  wire [`MAP_WAY_BITS-1:0] way_i,
	input  wire [255:0]  half_i,
	input  wire [1:0]    place_i,
	input  wire          error_i,
	// what map_look knows of its slot, combinational
	output wire [SW-1:0] slot_o,
	input  wire [191:0]  key_i,
	input  wire [1:0]    key_words_i,
	input  wire [7:0]    map_i,
	input  wire [31:0]   first_i,      // entry of its map
	input  wire [31:0]   last_i,
	// it has come to its end
	output wire          end_o,
	output wire          fault_o,
	output wire [63:0]   value_o
);
	localparam [3:0]  TagMap = `NIC_TAG_MAP;
	localparam [16:0] WalkMax = `NIC_HASH_WALK_MAX;
	localparam [SW:0] One = 1;

	// Entries go first.
	wire          entry_valid, bucket_valid, next_put;
	wire [SW-1:0] entry_slot, bucket_slot;
	wire [28:0]   entry_word, bucket_word;
	wire [SW:0]   unused_entries, unused_buckets;
	wire [31:0]   link;
	fifo #(.Width(SW + 29), .Depth(Slots)) entries (
		.clk_i(clk_i), .rst_i(rst_i), .push_i(next_put), .data_i({slot_o, link[31:3]}),
		.valid_o(entry_valid), .head_o({entry_slot, entry_word}), .count_o(unused_entries), .pop_i(gnt_i && entry_valid)
	);
	fifo #(.Width(SW + 29), .Depth(Slots)) buckets (
		.clk_i(clk_i), .rst_i(rst_i), .push_i(put_i), .data_i({put_slot_i, put_word_i}),
		.valid_o(bucket_valid), .head_o({bucket_slot, bucket_word}), .count_o(unused_buckets), .pop_i(gnt_i && !entry_valid)
	);
	wire [7:0] thread = entry_valid ? {{8-SW{1'b0}}, entry_slot} : {{8-SW{1'b0}}, bucket_slot};
	assign req_o  = entry_valid || (bucket_valid && !hold_i);
	assign word_o = entry_valid ? entry_word : bucket_word;
	assign way_o  = {1'b0, !entry_valid, 7'd0, thread};      // second: it is a bucket

	// The entry that a slot reads, and how many it has read.
	wire        bucket = way_i[15];
	wire [31:0] entry;
	wire [16:0] walked;
	wire [16:0] walked_d = bucket ? 17'd0 : walked + 17'd1;
	ram_lut #(.Width(17 + 32), .Depth(Slots)) reading (
		.clk_i(clk_i), .we_i(next_put), .waddr_i(slot_o), .wdata_i({walked_d, link}), .raddr_i(slot_o), .rdata_o({walked, entry})
	);

	wire [63:0] word;
	wire        same, link_ok;
	assign slot_o = way_i[SW-1:0];
	mux4 #(.Width(64)) words (.sel_i(bucket ? place_i : 2'd0), .in_i(half_i), .out_o(word));
	assign link   = word[31:0];
	assign same   = half_i[127:64] == key_i[63:0] && (key_words_i < 2'd2 || half_i[191:128] == key_i[127:64])
		&& (key_words_i < 2'd3 || half_i[255:192] == key_i[191:128]);
	assign link_ok = link[4:0] == 5'd0 && link >= first_i && link <= last_i;

	wire found = !error_i && !bucket && same;
	wire more  = !error_i && !found && link != 32'd0;
	assign next_put = done_i && more && link_ok && walked_d != WalkMax;
	assign end_o    = done_i && !next_put;
	assign fault_o  = error_i || more;
	assign value_o  = found ? {TagMap, 4'd0, map_i, 16'd0, entry + {27'd0, key_words_i, 3'd0} + 32'd8} : 64'd0;

	reg [SW:0] walking_q;
	assign walking_o = walking_q != {SW+1{1'b0}};
	wire begins = gnt_i && !entry_valid;
	always @(posedge clk_i)
		walking_q <= rst_i ? {SW+1{1'b0}} : begins && !end_o ? walking_q + One : !begins && end_o ? walking_q - One : walking_q;

	wire unused = &{1'b0, unused_entries, unused_buckets, way_i, word[63:32]};
endmodule

`default_nettype wire
