// SPDX-License-Identifier: Apache-2.0
//
// Lookups outside the chip: from the bucket on, a read of half a line for the bucket and for each entry of the chain or trie. The key and
// whose lookup it is are in the slots of map_look.

`include "isa.vh"
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
	output wire          walking_o,    // a lookup is between the grant of its bucket and its decision
	// request
	output wire          req_o,
	output wire [`MAP_REQ_BITS-1:0] request_o,
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
	input  wire          lru_i,
	input  wire          trie_i,
	input  wire          none_i,       // of a trie: no prefix holds for it
	input  wire [31:0]   first_i,      // entry of its map
	input  wire [31:0]   last_i,
	// results
	output wire          res_valid_o,
	output wire [SW-1:0] res_slot_o,
	output wire          res_fault_o,
	output wire [31:0]   res_entry_o,  // 0: not found
	input  wire          res_pop_i,
	output wire          idle_o        // no reference bit waits to be set
);
	localparam [7:0]  Or = `OP_MOR;
	localparam [16:0] WalkMax = `NIC_HASH_WALK_MAX;
	localparam [SW:0] One = 1;
	localparam        R = `MAP_REQ_BITS;
	localparam [3:0]  Touches = `NIC_LOOK_TOUCHES;

	// Entries go first, reference bits last; a bit that finds no room is not set.
	wire          entry_valid, bucket_valid, touch_valid, next_put, touch;
	wire [SW-1:0] entry_slot, bucket_slot;
	wire [28:0]   entry_word, bucket_word, touch_word;
	wire [SW:0]   unused_entries, unused_buckets, unused_results;
	wire [3:0]    touch_count;
	wire [31:0]   link;
	reg  [SW-1:0] slot_q;
	reg  [31:0]   entry_q;
	wire          take_bucket = !entry_valid && bucket_valid && !hold_i;
	wire          take_touch  = !entry_valid && !take_bucket;
	fifo #(.Width(SW + 29), .Depth(Slots)) entries (
		.clk_i(clk_i), .rst_i(rst_i), .push_i(next_put), .data_i({slot_q, link[31:3]}),
		.valid_o(entry_valid), .head_o({entry_slot, entry_word}), .count_o(unused_entries), .pop_i(gnt_i && entry_valid)
	);
	fifo #(.Width(SW + 29), .Depth(Slots)) buckets (
		.clk_i(clk_i), .rst_i(rst_i), .push_i(put_i), .data_i({put_slot_i, put_word_i}),
		.valid_o(bucket_valid), .head_o({bucket_slot, bucket_word}), .count_o(unused_buckets), .pop_i(gnt_i && take_bucket)
	);
	fifo #(.Width(29), .Depth(`NIC_LOOK_TOUCHES)) touches (
		.clk_i(clk_i), .rst_i(rst_i), .push_i(touch && touch_count != Touches), .data_i(entry_q[31:3]),
		.valid_o(touch_valid), .head_o(touch_word), .count_o(touch_count), .pop_i(gnt_i && take_touch)
	);
	wire [7:0]  thread = entry_valid ? {{8-SW{1'b0}}, entry_slot} : {{8-SW{1'b0}}, bucket_slot};
	wire [28:0] word = entry_valid ? entry_word : take_bucket ? bucket_word : touch_word;
	assign req_o     = entry_valid || take_bucket || touch_valid;
	assign request_o = {{R-107{1'b0}}, 64'd1, 1'b0, 1'b0, Or[2:0], take_touch, 8'd0, word};   // a bit is set by an atomic OR
	assign way_o     = {1'b0, take_bucket, 7'd0, thread};
	assign idle_o    = !touch_valid;

	// What has come waits a cycle for its comparison. The entry that a slot reads, how many it has read, the longest prefix so far.
	reg         valid_q, bucket_q, error_q, lru_q, trie_q, none_q;
	reg  [31:0] first_q, last_q;
	reg  [63:0] word_q;
	reg  [16:0] walked_q;
	reg  [31:0] best_q;
	wire [63:0] bucket;
	wire [16:0] walked;
	wire [31:0] entry, best, best_d;
	assign slot_o = way_i[SW-1:0];
	mux4 #(.Width(64)) words (.sel_i(place_i), .in_i(half_i), .out_o(bucket));
	ram_lut #(.Width(17 + 32 + 32), .Depth(Slots)) reading (
		.clk_i(clk_i), .we_i(next_put), .waddr_i(slot_q), .wdata_i({walked_q, link, best_d}), .raddr_i(slot_o),
		.rdata_o({walked, entry, best})
	);
	always @(posedge clk_i) begin
		valid_q  <= !rst_i && done_i;
		bucket_q <= way_i[15];
		error_q  <= error_i;
		lru_q    <= lru_i;
		trie_q   <= trie_i;
		none_q   <= none_i;
		first_q  <= first_i;
		last_q   <= last_i;
		word_q   <= bucket;
		walked_q <= way_i[15] ? 17'd0 : walked + 17'd1;
		slot_q   <= slot_o;
		entry_q  <= entry;
		best_q   <= best;
	end

	wire [31:0] node_next, node_result;
	wire        node_more, fresh;
	map_node node (
		.clk_i(clk_i), .word_i(half_i), .key_i(key_i), .key_words_i(key_words_i), .trie_i(trie_i),
		.good_i(!error_q && !bucket_q), .entry_i(entry_q), .best_i(best_q), .next_o(node_next), .more_o(node_more),
		.result_o(node_result), .fresh_o(fresh)
	);
	wire   more   = bucket_q ? !error_q && !none_q && word_q[31:0] != 32'd0 : node_more;
	wire   good   = link[4:0] == 5'd0 && link >= first_q && link <= last_q;
	assign link   = bucket_q ? word_q[31:0] : node_next;
	assign best_d = bucket_q ? word_q[63:32] & {32{trie_q && !none_q}} : node_result;
	assign touch  = valid_q && fresh && lru_q;
	assign next_put = valid_q && more && good && walked_q != WalkMax;
	wire   decided = valid_q && !next_put;
	fifo #(.Width(SW + 1 + 32), .Depth(Slots)) results (
		.clk_i(clk_i), .rst_i(rst_i), .push_i(decided), .data_i({slot_q, error_q || more, best_d & {32{!error_q}}}),
		.valid_o(res_valid_o), .head_o({res_slot_o, res_fault_o, res_entry_o}), .count_o(unused_results), .pop_i(res_pop_i)
	);

	reg [SW:0] walking_q;
	wire       begins = gnt_i && take_bucket;
	assign walking_o = walking_q != {SW+1{1'b0}};
	always @(posedge clk_i)
		walking_q <= rst_i ? {SW+1{1'b0}} : begins && !decided ? walking_q + One : !begins && decided ? walking_q - One : walking_q;

	wire unused = &{1'b0, unused_entries, unused_buckets, unused_results, way_i, link[2:0], Or};
endmodule

`default_nettype wire
