// SPDX-License-Identifier: Apache-2.0
//
// Lookup unit of all tiles: hash, bucket, chain; a lookup a clock, many in flight, answers as they come. Each has a slot from its
// grant to its answer, which holds its key and whose it is.

`include "regs.vh"
`include "map_bus.vh"
`include "ram_style.vh"
`default_nettype none

module map_look #(
	parameter Cores = 2,
	parameter Maps = 64,
	parameter Banks = 4,
	parameter Words = 65536,
	parameter Latency = 2,
	parameter AW = $clog2(Words) - $clog2(Banks),
	parameter SW = $clog2(`NIC_LOOK_SLOTS)
) (
	input  wire                clk_i,
	input  wire                rst_i,
	// tiles
	input  wire [Cores-1:0]    want_i,
	input  wire [`MAP_LOOK_BITS*Cores-1:0] look_i,  // {key, thread, map}
	output wire [Cores-1:0]    gnt_o,
	// a descriptor word written by the host
	input  wire                dsc_we_i,
	input  wire [7:0]          dsc_map_i,
	input  wire [3:0]          dsc_word_i,
	input  wire [31:0]         dsc_data_i,
	input  wire [31:0]         dsc_last_i,   // last entry, with word SEED
	// bucket reads by port A, when port B of the bank is an entry's
	output wire                bucket_o,
	output wire                bucket_touch_o, // not a read: set the reference bit in it
	output wire [28:0]         bucket_word_o,
	input  wire                bucket_gnt_i,
	input  wire [64*Banks-1:0] a_words_i,    // Latency + 1 cycles after the grant
	input  wire                hold_i,       // make no bucket reads
	input  wire                pause_i,      // leave a cycle without an answer
	output wire                walking_o,    // a lookup is between grant of its bucket read and decision
	// entry and bucket reads by port B
	output wire [AW*Banks-1:0] b_addr_o,
	input  wire [64*Banks-1:0] b_words_i,
	// lookups outside the chip go on elsewhere; what is known of their slots, combinational
	output wire                far_put_o,
	output wire [SW-1:0]       far_put_slot_o,
	output wire [28:0]         far_put_word_o,
	input  wire [SW-1:0]       far_slot_i,
	output wire [191:0]        far_key_o,
	output wire [1:0]          far_key_words_o,
	output wire                far_lru_o,
	output wire                far_trie_o,
	output wire                far_none_o,   // of a trie: its prefix is longer than the keys
	output wire [31:0]         far_first_o,
	output wire [31:0]         far_last_o,
	input  wire                far_res_valid_i, // and their results
	input  wire [SW-1:0]       far_res_slot_i,
	input  wire                far_res_fault_i,
	input  wire [31:0]         far_res_entry_i, // 0: not found
	// a lookup is decided and its answer leaves, its value in the next cycle
	output wire                near_valid_o,
	output wire [3:0]          near_tile_o,
	output wire [7:0]          near_thread_o,
	output reg                 near_fault_o,
	output reg  [63:0]         near_value_o,
	// results from outside the chip
	output wire                res_valid_o,
	output wire [3:0]          res_tile_o,
	output wire [7:0]          res_thread_o,
	output wire                res_fault_o,
	output wire [63:0]         res_value_o,
	input  wire                res_pop_i,
	output wire                idle_o
);
	localparam Slots = `NIC_LOOK_SLOTS;
	localparam BW = $clog2(Banks);
	localparam MW = $clog2(Maps);
	localparam CW = Cores > 1 ? $clog2(Cores) : 1;
	localparam [3:0] TagMap = `NIC_TAG_MAP;

	// Slots.
	reg  [Slots-1:0] used_q;
	reg  [SW-1:0]    slot;
	wire             free = used_q != {Slots{1'b1}};
	integer          f;
	always @(*) begin
		slot = {SW{1'b0}};
		for (f = Slots - 1; f >= 0; f = f - 1) if (!used_q[f]) slot = f[SW-1:0];
	end

	// Grant.
	wire          any;
	wire          take = any && free;
	wire [CW-1:0] winner;
	localparam LB = `MAP_LOOK_BITS;
	wire [LB-1:0] look;
	wire [7:0]    look_map = look[7:0], look_thread = look[15:8];
	genvar        g;
	rr_pick #(.Count(Cores)) arbiter (
		.clk_i(clk_i), .rst_i(rst_i), .want_i(want_i), .take_i(take), .any_o(any), .index_o(winner)
	);
	generate
		for (g = 0; g < Cores; g = g + 1) begin : g_gnt
			localparam [CW-1:0] Here = g;
			assign gnt_o[g] = take && winner == Here;
		end
	endgenerate
	mux #(.Width(LB), .Count(Cores)) look_mux (.sel_i(winner), .in_i(look_i), .out_o(look));

	// Descriptors.
	`RAM_LUT reg [4:0]  size_q    [0:Maps-1];
	`RAM_LUT reg        lru_q     [0:Maps-1];
	`RAM_LUT reg        trie_q    [0:Maps-1];
	wire                dsc_lru, dsc_trie, unused_hash, unused_planes;
	map_type dsc_type (
		.type_i(dsc_data_i[7:0]), .hash_o(unused_hash), .planes_o(unused_planes), .lru_o(dsc_lru), .trie_o(dsc_trie)
	);
	`RAM_LUT reg [31:0] seed_q    [0:Maps-1];
	`RAM_LUT reg [31:0] mask_q    [0:Maps-1];
	`RAM_LUT reg [31:0] buckets_q [0:Maps-1];
	`RAM_LUT reg [31:0] first_q   [0:Maps-1];
	`RAM_LUT reg [31:0] last_q    [0:Maps-1];
	wire [MW-1:0] wm = dsc_map_i[MW-1:0];
	always @(posedge clk_i) if (dsc_we_i && dsc_word_i == `NIC_DESC_TYPE) size_q[wm] <= dsc_data_i[20:16];
	always @(posedge clk_i) if (dsc_we_i && dsc_word_i == `NIC_DESC_TYPE) lru_q[wm] <= dsc_lru;
	always @(posedge clk_i) if (dsc_we_i && dsc_word_i == `NIC_DESC_TYPE) trie_q[wm] <= dsc_trie;
	always @(posedge clk_i) if (dsc_we_i && dsc_word_i == `NIC_DESC_SEED) seed_q[wm] <= dsc_data_i;
	always @(posedge clk_i) if (dsc_we_i && dsc_word_i == `NIC_DESC_MASK) mask_q[wm] <= dsc_data_i;
	always @(posedge clk_i) if (dsc_we_i && dsc_word_i == `NIC_DESC_BUCKETS) buckets_q[wm] <= dsc_data_i;
	always @(posedge clk_i) if (dsc_we_i && dsc_word_i == `NIC_DESC_VALUES) first_q[wm] <= dsc_data_i;
	always @(posedge clk_i) if (dsc_we_i && dsc_word_i == `NIC_DESC_SEED) last_q[wm] <= dsc_last_i;

	// Key and owner by slot.
	`RAM_LUT reg [193:0] key_q  [0:Slots-1];
	`RAM_LUT reg [19:0]  info_q [0:Slots-1];
	`RAM_LUT reg [MW-1:0] map_q [0:Slots-1];
	`RAM_LUT reg [1:0]   trie_key_q [0:Slots-1];  // of an LPM trie; with a prefix longer than its keys
	reg  [191:0]  r0_key_q, r1_key;
	reg  [MW-1:0] r0_map_q;
	reg  [SW-1:0] r0_slot_q;
	reg  [6:0]    valid_q;        // stages q+1 .. q+7
	wire [4:0]    r0_size = size_q[r0_map_q];
	wire [1:0]    r0_words = r0_size > 5'd16 ? 2'd3 : r0_size > 5'd8 ? 2'd2 : 2'd1;
	wire          r0_trie = trie_q[r0_map_q];
	// Not in the list of ports: Yosys would take the module anew and forget its parameters.
	wire [31:0]   r0_seed = seed_q[r0_map_q];
	wire [4:0]    r0_data = r0_size - 5'd4;      // bytes of a trie's data
	integer       k;
	always @(*) begin
`ifdef VERILATOR
		// Words at once, which is faster in a simulator.
		for (k = 0; k < 3; k = k + 1)
			r1_key[64*k +: 64] = r0_size[4:3] > k[1:0] ? r0_key_q[64*k +: 64]
				: r0_size[4:3] == k[1:0] ? r0_key_q[64*k +: 64] & ~(~64'd0 << {r0_size[2:0], 3'd0}) : 64'd0;
`else
		for (k = 0; k < 24; k = k + 1) r1_key[8*k +: 8] = k[4:0] < r0_size ? r0_key_q[8*k +: 8] : 8'd0;
`endif
	end
	always @(posedge clk_i) if (take) info_q[slot] <= {{4-CW{1'b0}}, winner, look_thread, look_map};
	always @(posedge clk_i) if (take) map_q[slot] <= look_map[MW-1:0];
	always @(posedge clk_i) if (valid_q[0]) trie_key_q[r0_slot_q] <= {r0_trie && r1_key[31:0] > {24'd0, r0_data, 3'd0}, r0_trie};
	always @(posedge clk_i) if (valid_q[0]) key_q[r0_slot_q] <= {r0_words, r1_key};

	// Hash, and the bucket's word.
	wire [31:0]   hash;
	wire [MW-1:0] h_map;
	wire [SW-1:0] h_slot;
	map_mix mix (
		.clk_i(clk_i), .seed_i(r0_seed), .word0_i(r1_key[63:0]), .word1_i(r1_key[127:64]), .word2_i(r1_key[191:128]),
		.words_i(r0_words),
		.hash_o(hash)
	);
	delay #(.Width(MW + SW), .Stages(6)) beside_hash (.clk_i(clk_i), .d_i({r0_map_q, r0_slot_q}), .q_o({h_map, h_slot}));
	wire [31:0] h_mask = mask_q[h_map], h_buckets = buckets_q[h_map];
	// A trie's root word: by the first bits of its data, or the one behind them all.
	wire [63:0]  h_key = key_q[h_slot][63:0];
	wire [31:0]  h_bits;
	generate
		for (g = 0; g < 32; g = g + 1) begin : g_bit
			assign h_bits[g] = h_key[32 + 8 * (g / 8) + 7 - g % 8];
		end
	endgenerate
	wire [28:0]  h_number = !trie_q[h_map] ? hash[28:0] & h_mask[28:0]
		: h_key[31:0] < seed_q[h_map] ? h_mask[28:0] + 29'd1 : h_bits[28:0] & h_mask[28:0];
	wire [28:0]  h_word = h_buckets[31:3] + h_number;

	wire          b_valid, b_go, b_near;
	wire [28:0]   b_word;
	wire [SW-1:0] b_slot;
	wire [SW:0]   unused_b_count;
	map_queue #(.Width(SW + 29), .Depth(Slots), .CW(SW + 1)) buckets (
		.clk_i(clk_i), .rst_i(rst_i), .push_i(valid_q[6] && !h_word[28]), .data_i({h_slot, h_word}),
		.valid_o(b_valid), .head_o({b_slot, b_word}), .count_o(unused_b_count), .pop_i(b_go)
	);
	assign b_go = b_near || (bucket_gnt_i && !bucket_touch_o);

	// Reference bits to set; what finds no room is not set.
	localparam [3:0] Touches = `NIC_LOOK_TOUCHES;
	wire          touch, touch_room;
	wire [28:0]   touch_entry, touch_word;
	wire [3:0]    touch_count;
	map_queue #(.Width(29), .Depth(`NIC_LOOK_TOUCHES), .CW(4)) touches (
		.clk_i(clk_i), .rst_i(rst_i), .push_i(touch && touch_room), .data_i(touch_entry),
		.valid_o(bucket_touch_o), .head_o(touch_word), .count_o(touch_count), .pop_i(bucket_gnt_i && bucket_touch_o)
	);
	assign touch_room    = touch_count != Touches;
	assign bucket_o      = bucket_touch_o || (b_valid && !hold_i && !b_near);
	assign bucket_word_o = bucket_touch_o ? touch_word : b_word;
	assign far_put_o      = valid_q[6] && h_word[28];
	assign far_put_slot_o = h_slot;
	assign far_put_word_o = h_word;
	assign {far_key_words_o, far_key_o} = key_q[far_slot_i];
	wire [MW-1:0] far_map = map_q[far_slot_i];
	assign far_lru_o   = lru_q[far_map];
	assign {far_none_o, far_trie_o} = trie_key_q[far_slot_i];
	assign far_first_o = first_q[far_map];
	assign far_last_o  = last_q[far_map];

	// The bucket's word comes back.
	wire [BW:0]   new_bank;            // of port B: those behind all of port A
	wire [SW-1:0] new_slot;
	wire [63:0]   new_word;
	wire          new_trie, new_none;
	assign {new_none, new_trie} = trie_key_q[new_slot];
	reg  [Latency:0] a_valid_q;
	delay #(.Width(BW + 1), .Stages(Latency + 1)) to_word (.clk_i(clk_i), .d_i({b_near, b_word[BW-1:0]}), .q_o(new_bank));
	delay #(.Width(SW), .Stages(Latency + 1)) to_new (.clk_i(clk_i), .d_i(b_slot), .q_o(new_slot));
	mux #(.Width(64), .Count(2 * Banks)) bucket_mux (.sel_i(new_bank), .in_i({b_words_i, a_words_i}), .out_o(new_word));

	wire          done, done_fault, done_found;
	wire [SW-1:0] key_slot, done_slot;
	wire [31:0]   done_value;
	wire [193:0]  key = key_q[key_slot];
	wire [MW-1:0] key_map = map_q[key_slot];
	wire          key_trie, unused_key_none;
	wire          key_lru = lru_q[key_map];
	wire [31:0]   key_first = first_q[key_map], key_last = last_q[key_map];
	assign {unused_key_none, key_trie} = trie_key_q[key_slot];
	map_walk #(.Slots(Slots), .Banks(Banks), .Words(Words), .Latency(Latency)) walk (
		.clk_i(clk_i), .rst_i(rst_i), .pause_i(pause_i), .new_i(a_valid_q[Latency]), .new_slot_i(new_slot), .new_entry_i(new_word[31:0] & {32{!new_none}}),
		.new_best_i(new_word[63:32] & {32{new_trie && !new_none}}),
		.key_slot_o(key_slot), .key_i(key[191:0]), .key_words_i(key[193:192]),
		.lru_i(key_lru), .trie_i(key_trie), .touch_o(touch), .touch_entry_o(touch_entry),
		.first_i(key_first), .last_i(key_last), .bucket_i(b_valid && !hold_i), .bucket_word_i(b_word), .bucket_gnt_o(b_near), .addr_o(b_addr_o), .words_i(b_words_i),
		.done_o(done), .done_slot_o(done_slot), .done_fault_o(done_fault), .done_found_o(done_found),
		.done_value_o(done_value)
	);
	wire [Slots-1:0] taken, given;

	hot #(.Count(Slots), .NW(SW)) taken_set (.valid_i(take), .number_i(slot), .hot_o(taken));
	hot #(.Count(Slots), .NW(SW)) given_set (.valid_i(done || res_pop_i), .number_i(done ? done_slot : far_res_slot_i), .hot_o(given));

	reg [SW:0] walking_q;
	assign walking_o = walking_q != {SW+1{1'b0}};

	// Results of here go to the response bus at once, those from outside the chip wait for it.
	wire [1:0]    far_res_words;
	wire [31:0]   far_at = far_res_entry_i + {27'd0, far_res_words, 3'd0} + 32'd8;
	wire [191:0]  unused_key;
	wire [7:0]    near_map, res_map;
	assign {far_res_words, unused_key} = key_q[far_res_slot_i];
	assign {near_tile_o, near_thread_o, near_map} = info_q[done_slot];
	assign {res_tile_o, res_thread_o, res_map} = info_q[far_res_slot_i];
	assign near_valid_o = done;
	assign res_valid_o  = far_res_valid_i;
	assign res_fault_o  = far_res_fault_i;
	assign res_value_o  = far_res_entry_i != 32'd0 ? {TagMap, 4'd0, res_map, 16'd0, far_at} : 64'd0;
	assign idle_o      = used_q == {Slots{1'b0}} && !bucket_touch_o;

	always @(posedge clk_i) begin
		r0_key_q    <= look[LB-1:16];
		r0_map_q    <= look_map[MW-1:0];
		r0_slot_q   <= slot;
		near_fault_o <= done_fault;
		near_value_o <= done_found ? {TagMap, 4'd0, near_map, 16'd0, done_value} : 64'd0;
		if (rst_i) begin
			used_q    <= {Slots{1'b0}};
			valid_q   <= 7'd0;
			a_valid_q <= {Latency+1{1'b0}};
			walking_q <= {SW+1{1'b0}};
		end else begin
			used_q    <= (used_q | taken) & ~given;
			valid_q   <= {valid_q[5:0], take};
			a_valid_q <= {a_valid_q[Latency-1:0], b_go};
			walking_q <= walking_q + {{SW{1'b0}}, b_go} - {{SW{1'b0}}, done};
		end
	end

	wire unused = &{1'b0, dsc_map_i, hash[31:29], h_mask[31:29], h_buckets[2:0], h_bits[31:29], unused_b_count, unused_hash,
		unused_key, unused_planes, unused_key_none};
endmodule

`default_nettype wire
