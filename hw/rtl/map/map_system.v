// SPDX-License-Identifier: Apache-2.0
//
// What the tiles share of the map subsystem: banks, lookup units, engine with descriptors and allocator state, host registers, response
// buses. hw/spec/maps.md.

`include "isa.vh"
`include "regs.vh"
`include "map_bus.vh"
`default_nettype none

module map_system #(
	parameter Cores = 2,
	parameter Threads = 16,
	parameter Maps = 64,
	parameter Banks = 4,
	parameter Words = 65536,
	parameter Latency = 2,
	parameter Lookups = 1                     // lookup units, 1 or 2
) (
	input  wire                clk_i,
	input  wire                rst_i,
	input  wire                hard_rst_i,    // of what a data path reset leaves: atomics under way, the bus of the memory outside the chip
	// tiles: map_bus.vh
	input  wire [Cores*`MAP_ASK_BITS-1:0] ask_i,
	output wire [Cores*`MAP_GNT_BITS-1:0] gnt_o,
	output wire [Cores*`MAP_TELL_BITS(Banks)-1:0] tell_o,
	input  wire [Cores*`MAP_GIVE_BITS-1:0] give_i,
	// host registers
	input  wire                host_req_i,
	input  wire                host_we_i,
	input  wire [23:0]         host_addr_i,
	input  wire [31:0]         host_wdata_i,
	output wire                host_done_o,
	output wire [31:0]         host_rdata_o,
	output wire                idle_o,
	output wire [1:0]          ext_error_o,   // of a read; of a write
	// map memory outside the chip
	input  wire [11:0]           x_mib_i,
	output wire                  x_ar_valid_o,
	input  wire                  x_ar_ready_i,
	output wire [24:0]           x_ar_line_o,
	input  wire                  x_r_valid_i,
	output wire                  x_r_ready_o,
	input  wire [511:0]          x_r_data_i,
	input  wire [1:0]            x_r_resp_i,
	output wire                  x_aw_valid_o,
	input  wire                  x_aw_ready_i,
	output wire [24:0]           x_aw_line_o,
	output wire                  x_w_valid_o,
	input  wire                  x_w_ready_i,
	output wire [511:0]          x_w_data_o,
	output wire [63:0]           x_w_strb_o,
	input  wire                  x_b_valid_i,
	input  wire [1:0]            x_b_resp_i,
	// trace: writes, by bank
	output wire [Banks-1:0]    mw_valid_o,
	output wire [32*Banks-1:0] mw_addr_o,
	output wire [8*Banks-1:0]  mw_mask_o,
	output wire [Banks-1:0]    mw_engine_o,
	output wire [64*Banks-1:0] mw_value_o
);
	localparam Ask  = `MAP_ASK_BITS, Gnt = `MAP_GNT_BITS, Tell = `MAP_TELL_BITS(Banks), Give = `MAP_GIVE_BITS;
	localparam R    = `MAP_REQ_BITS;
	localparam M    = `MAP_WAY_BITS;
	localparam LB   = `MAP_LOOK_BITS;
	localparam AW   = $clog2(Words);
	localparam BW   = $clog2(Banks);
	localparam RW   = AW - BW;               // of a row of the banks
	localparam MW   = $clog2(Maps);
	localparam Look = Cores, Engine = Cores + Lookups, Requesters = Cores + Lookups + 1;
	localparam Sources = Cores + 1;          // of calls: the tiles, then the host
	localparam SW   = $clog2(Sources);
	localparam [SW-1:0] Host = Cores[SW-1:0];
	localparam [31:0] UnitMask = Lookups - 1; // bits of a tile's number that say its lookup unit
	genvar i, b, u;

	// What comes from the tiles.
	wire [Requesters-1:0]   req_valid, gnt;
	wire [R*Requesters-1:0] req;
	wire [M*Requesters-1:0] way;
	wire [Cores-1:0]        look_valid, look_gnt;
	wire [LB*Cores-1:0]     look;
	wire [Sources-1:0]      call_valid;
	wire [64*Sources-1:0]   call_word, lm_data;
	wire [Sources-1:0]      lm_gnt;
	generate
		for (i = 0; i < Cores; i = i + 1) begin : g_tile
			wire [Ask-1:0]  ask  = ask_i[Ask*i +: Ask];
			wire [Give-1:0] give = give_i[Give*i +: Give];
			assign req_valid[i]         = ask[`MAP_ASK_REQ_VALID];
			assign req[R*i +: R]        = ask[`MAP_ASK_REQ];
			assign way[M*i +: M]        = ask[`MAP_ASK_WAY];
			assign look_valid[i]        = ask[`MAP_ASK_LOOK_VALID];
			assign look[LB*i +: LB]     = ask[`MAP_ASK_LOOK];
			assign call_valid[i]        = ask[`MAP_ASK_CALL_VALID];
			assign call_word[64*i +: 64] = give[`MAP_GIVE_CALL];
			assign lm_gnt[i]            = give[`MAP_GIVE_LM_GNT];
			assign lm_data[64*i +: 64]  = give[`MAP_GIVE_LM_DATA];
			assign gnt_o[Gnt*i +: Gnt]  = {look_gnt[i], gnt[i]};
		end
	endgenerate

	// Banks.
	wire [Requesters-1:0]       ext_gnt;
	wire [Requesters*Banks-1:0] bank_gnt;
	wire [64*Banks-1:0]         a_words;
	wire [64*Banks*Lookups-1:0] b_words;
	wire [RW*Banks*Lookups-1:0] b_addr;
	wire [Requesters-1:0]       loads;
	wire [Requesters*Requesters-1:0] joins;  // of the same word
	wire [Banks-1:0]            bank_idle;
	wire                        port_host;
	generate
		for (i = 0; i < Requesters; i = i + 1) begin : g_join
			assign loads[i] = req[R*i + 29 +: 9] == 9'd0;  // no bytes to store, no atomic
			for (b = 0; b < Requesters; b = b + 1) begin : g_with
				localparam One = b < i ? b : i, Other = b < i ? i : b;
				assign joins[Requesters*i + b] = i == b || (loads[One] && loads[Other] && req[R*One +: AW] == req[R*Other +: AW]);
			end
		end
		for (b = 0; b < Banks; b = b + 1) begin : g_bank
			localparam [BW-1:0] Here = b;
			wire [Requesters-1:0] want;
			wire [RW-1:0]         mw_row;
			wire [RW*Lookups-1:0] bank_addr;
			wire [64*Lookups-1:0] bank_word;
			for (u = 0; u < Lookups; u = u + 1) begin : g_reader
				assign bank_addr[RW*u +: RW] = b_addr[RW*(Banks*u + b) +: RW];
				assign b_words[64*(Banks*u + b) +: 64] = bank_word[64*u +: 64];
			end
			for (i = 0; i < Requesters; i = i + 1) begin : g_want
				assign want[i] = req_valid[i] && !req[R*i + `MAP_REQ_OUTSIDE] && req[R*i +: BW] == Here;
			end
			map_bank #(
				.Requesters(Requesters), .Engine(Engine), .Banks(Banks), .Words(Words / Banks), .Latency(Latency),
				.Readers(Lookups)
			) bank (
				.clk_i(clk_i), .rst_i(rst_i), .hard_rst_i(hard_rst_i), .want_i(want), .req_i(req), .joins_i(joins), .host_i(port_host),
				.gnt_o(bank_gnt[Requesters*b +: Requesters]), .word_o(a_words[64*b +: 64]),
				.b_addr_i(bank_addr), .b_word_o(bank_word), .idle_o(bank_idle[b]),
				.mw_valid_o(mw_valid_o[b]), .mw_addr_o(mw_row), .mw_mask_o(mw_mask_o[8*b +: 8]),
				.mw_engine_o(mw_engine_o[b]), .mw_value_o(mw_value_o[64*b +: 64])
			);
			assign mw_addr_o[32*b +: 32] = {{29-AW{1'b0}}, mw_row, Here, 3'd0};
		end
		for (i = 0; i < Requesters; i = i + 1) begin : g_gnt
			wire [Banks-1:0] of_banks;
			for (b = 0; b < Banks; b = b + 1) begin : g_of_bank
				assign of_banks[b] = bank_gnt[Requesters*b + i];
			end
			assign gnt[i] = (|of_banks) || ((i < Look || i == Engine) && ext_gnt[i]);
		end
	endgenerate

	// Memory outside the chip.
	wire [Requesters-1:0]   ext_want;
	wire [R*Requesters-1:0] ext_req;
	wire [Lookups-1:0]      far_req;
	wire [R*Lookups-1:0]    far_request;
	wire                    ext_done, ext_host, ext_error, ext_valid, ext_fault, ext_pop, ext_idle, port_line;
	wire [3:0]              ext_tile;
	wire [7:0]              ext_thread;
	wire [63:0]             ext_word, ext_value;
	generate
		for (i = 0; i < Requesters; i = i + 1) begin : g_ext
			if (i >= Look && i < Engine) begin : g_unit
				assign ext_want[i] = far_req[i - Look];
				assign ext_req[R*i +: R] = far_request[R*(i-Look) +: R];
			end else begin : g_other
				assign ext_want[i] = req_valid[i] && req[R*i + `MAP_REQ_OUTSIDE];
				assign ext_req[R*i +: R] = req[R*i +: R];
			end
		end
	endgenerate
	assign way[M*Engine +: M] = {{M-1{1'b0}}, port_host};
	wire                 far_error;
	wire [Lookups-1:0]   far_done;
	wire [M-1:0]         far_way;
	wire [255:0]         far_half;
	wire [1:0]           far_place;
	map_ext #(.Cores(Cores), .Lookups(Lookups)) outside (
		.clk_i(clk_i), .rst_i(hard_rst_i), .stop_i(rst_i), .mib_i(x_mib_i), .want_i(ext_want), .req_i(ext_req), .way_i(way),
		.line_i(port_line), .gnt_o(ext_gnt), .look_done_o(far_done), .look_way_o(far_way), .look_half_o(far_half),
		.look_place_o(far_place), .look_error_o(far_error), .port_done_o(ext_done), .port_host_o(ext_host), .port_word_o(ext_word),
		.port_error_o(ext_error), .ans_valid_o(ext_valid), .ans_tile_o(ext_tile), .ans_thread_o(ext_thread),
		.ans_fault_o(ext_fault), .ans_value_o(ext_value), .ans_pop_i(ext_pop), .idle_o(ext_idle),
		.read_error_o(ext_error_o[0]), .write_error_o(ext_error_o[1]),
		.ar_valid_o(x_ar_valid_o), .ar_ready_i(x_ar_ready_i), .ar_line_o(x_ar_line_o),
		.r_valid_i(x_r_valid_i), .r_ready_o(x_r_ready_o), .r_data_i(x_r_data_i), .r_resp_i(x_r_resp_i),
		.aw_valid_o(x_aw_valid_o), .aw_ready_i(x_aw_ready_i), .aw_line_o(x_aw_line_o),
		.w_valid_o(x_w_valid_o), .w_ready_i(x_w_ready_i), .w_data_o(x_w_data_o), .w_strb_o(x_w_strb_o),
		.b_valid_i(x_b_valid_i), .b_resp_i(x_b_resp_i)
	);

	// Host.
	wire        fill_start, fill_req, fill_line;
	wire [28:0] fill_from, fill_word, fill_count, fill_left;
	wire        host_mem, host_mem_we, host_taken, host_done, host_table, host_ready, host_desc_we, host_state_we, host_idle;
	wire [28:0] host_word;
	wire [63:0] host_wdata, eng_rdata, host_rdata, host_lm_data;
	wire [7:0]  host_map;
	wire [3:0]  table_word;
	wire [31:0] table_data;
	reg  [31:0] host_desc, host_state;
	wire [1:0]  call_sel;
	wire        call_pop;
	wire [7:0]  lm_thread, lm_word;
	wire [3:0]  lm_tag;
	wire        lm_req;
	reg  [SW-1:0] source_q;                  // of the engine's call
	wire        is_host = source_q == Host;
	reg  [Sources-1:0]    rsp_valid_q;
	reg  [8*Lookups-1:0]  rsp_thread_q;
	reg  [64*Lookups-1:0] rsp_value_q, wait_value_q;
	reg  [Lookups-1:0]    rsp_fault_q, wait_fault_q, near_q;
	reg                   host_rsp_q;
	map_host #(.Maps(Maps), .Words(Words)) host (
		.clk_i(clk_i), .rst_i(rst_i), .req_i(host_req_i), .we_i(host_we_i), .addr_i(host_addr_i), .wdata_i(host_wdata_i),
		.done_o(host_done_o), .rdata_o(host_rdata_o),
		.mem_o(host_mem), .mem_we_o(host_mem_we), .mem_word_o(host_word), .mem_wdata_o(host_wdata),
		.mem_taken_i(host_taken && host_mem), .mem_done_i(host_done), .mem_rdata_i(host_rdata),
		.fill_o(fill_start), .fill_word_o(fill_from), .fill_count_o(fill_count), .fill_left_i(fill_left),
		.ready_i(host_ready), .table_o(host_table), .map_o(host_map), .word_o(table_word), .wdata_o(table_data),
		.desc_we_o(host_desc_we), .state_we_o(host_state_we), .desc_i(host_desc), .state_i(host_state),
		.call_valid_o(call_valid[Cores]), .call_sel_i(call_sel), .call_word_o(call_word[64*Cores +: 64]),
		.call_pop_i(call_pop && is_host), .buf_word_i(lm_word), .buf_data_o(host_lm_data),
		.rsp_valid_i(host_rsp_q), .rsp_fault_i(rsp_fault_q[0]), .rsp_value_i(rsp_value_q[63:0]), .idle_o(host_idle)
	);
	map_fill fill (
		.clk_i(clk_i), .rst_i(rst_i), .start_i(fill_start), .word_i(fill_from), .count_i(fill_count), .left_o(fill_left),
		.req_o(fill_req), .line_o(fill_line), .word_o(fill_word), .taken_i(host_taken && !host_mem)
	);
	assign lm_gnt[Cores] = lm_req && is_host;
	assign lm_data[64*Cores +: 64] = host_lm_data;

	// Descriptors and allocator state: of the engine's map, or of the host's while the engine is idle.
	wire        eng_idle, ka_ok, kb_ok, typed, legal;
	wire [31:0] ka_values, ka_limit, kb_values, kb_limit;
	wire [7:0]  eng_op, eng_map, type_code;
	wire [63:0] eng_a, eng_b;
	wire [2:0]  eng_prog;
	wire [11:0] eng_front, eng_end;
	wire [15:0] key_size;
	wire [31:0] value_size, values, limit, buckets, mask, stride, seed, word0, stop, plane;
	wire [31:0] last = stop - stride;        // last entry of the map
	wire        hashes, planes, word0_hashes, unused_word0_planes, lru, unused_word0_lru, unused_trie, word0_trie;
	map_type type_in_use (.type_i(type_code), .hash_o(hashes), .planes_o(planes), .lru_o(lru), .trie_o(unused_trie));
	map_type type_written (
		.type_i(word0[7:0]), .hash_o(word0_hashes), .planes_o(unused_word0_planes), .lru_o(unused_word0_lru),
		.trie_o(word0_trie)
	);
	wire [7:0]  desc_map = eng_idle ? host_map : eng_map;
	wire        host_seed = host_desc_we && table_word == `NIC_DESC_SEED;
	map_desc #(.Maps(Maps)) descriptors (
		.clk_i(clk_i), .rst_i(rst_i), .prog_i(eng_prog), .host_i(is_host),
		.ka_map_i(eng_a[55:48]), .ka_ok_o(ka_ok), .ka_values_o(ka_values), .ka_limit_o(ka_limit),
		.kb_map_i(eng_b[55:48]), .kb_ok_o(kb_ok), .kb_values_o(kb_values), .kb_limit_o(kb_limit),
		.map_i(desc_map), .type_o(type_code), .typed_o(typed), .key_size_o(key_size), .value_size_o(value_size),
		.values_o(values), .limit_o(limit), .buckets_o(buckets), .mask_o(mask), .stride_o(stride), .seed_o(seed), .end_o(stop), .plane_o(plane),
		.word0_o(word0), .we_i(host_desc_we), .word_i(table_word), .wdata_i(table_data)
	);
	wire        eng_free_we, eng_next_we, eng_spare_we, eng_hand_we;
	wire [31:0] eng_free, eng_next, eng_spare, eng_hand, st_free, st_next, st_spare, st_hand;
	map_state #(.Maps(Maps)) state (
		.clk_i(clk_i), .map_i(desc_map[MW-1:0]),
		.free_we_i(eng_free_we || host_seed || (host_state_we && table_word == 4'd0)),
		.next_we_i(eng_next_we || host_seed || (host_state_we && table_word == 4'd1)),
		.spare_we_i(eng_spare_we || host_seed || (host_state_we && table_word == 4'd2)),
		.hand_we_i(eng_hand_we || host_seed || (host_state_we && table_word == 4'd3)),
		.free_i(host_state_we ? table_data : host_seed ? 32'd0 : eng_free),
		.next_i(host_state_we ? table_data : host_seed ? values : eng_next),
		.spare_i(host_state_we ? table_data : host_seed ? last : eng_spare),
		.hand_i(host_state_we ? table_data : host_seed ? values : eng_hand),
		.free_o(st_free), .next_o(st_next), .spare_o(st_spare), .hand_o(st_hand)
	);

	// Tiles and lookup unit are told of the host's writes; after reset, that there are no maps.
	localparam [MW:0] AllMaps = Maps[MW:0];
	reg  [MW:0]  sweep_q;
	wire         swept = sweep_q == AllMaps;
	reg          dsc_we_q, dsc_clear_q;
	reg  [7:0]   dsc_map_q;
	reg  [3:0]   dsc_word_q;
	reg  [31:0]  dsc_data_q, dsc_raw_q, dsc_last_q;
	wire [7:0]   programs = word0[15:8] == 8'd0 ? 8'hff : word0[15:8];
	localparam [15:0] LookBytes = `NIC_LOOK_BYTES;
	wire         looks    = (word0_hashes || word0_trie) && key_size <= LookBytes;
	wire [31:0]  use_data = {19'd0, looks ? key_size[4:0] : 5'd0, typed ? programs : 8'd0};
	assign host_ready = eng_idle && swept;

	// Engine.
	wire [Lookups-1:0] near_valid, eng_here, ext_here;   // who asks for a response bus
	wire          call_any, eng_start, eng_req, eng_we, eng_done, port_ready, hold, walking, eng_rsp, eng_fault;
	wire [SW-1:0] call_source;
	wire [28:0]   eng_addr;
	wire          eng_error;
	wire [63:0]   eng_wdata, eng_value, eng_call_word, eng_lm_data;
	reg  [63:0]   lm_data_q;
	wire [7:0]    eng_thread;
	rr_pick #(.Count(Sources)) callers (
		.clk_i(clk_i), .rst_i(rst_i), .want_i(call_valid), .take_i(eng_start), .any_o(call_any), .index_o(call_source)
	);
	// CPU of the source's first thread; the host's is 0.
	localparam TW = $clog2(Threads);
	wire [7:0]    first_cpu = is_host ? 8'd0 : {{8-SW{1'b0}}, source_q} << TW;
	assign eng_start = call_any && eng_idle && !(host_table && swept);
	mux #(.Width(64), .Count(Sources)) call_words (.sel_i(source_q), .in_i(call_word), .out_o(eng_call_word));
	mux #(.Width(64), .Count(Sources)) lm_words (.sel_i(source_q), .in_i(lm_data), .out_o(eng_lm_data));
	map_check check (
		.op_i(eng_op), .map_i(eng_map), .a_i(eng_a), .b_i(eng_b), .front_i(eng_front), .end_i(eng_end),
		.hash_i(hashes), .key_size_i(key_size), .value_size_i(value_size),
		.a_ok_i(ka_ok), .a_values_i(ka_values), .a_limit_i(ka_limit),
		.b_ok_i(kb_ok), .b_values_i(kb_values), .b_limit_i(kb_limit), .host_i(is_host), .legal_o(legal)
	);
	map_engine #(.AW(29)) engine (
		.clk_i(clk_i), .rst_i(rst_i), .idle_o(eng_idle), .start_i(eng_start), .call_sel_o(call_sel), .call_pop_o(call_pop),
		.call_word_i(eng_call_word), .op_o(eng_op), .map_o(eng_map), .a_o(eng_a), .b_o(eng_b), .prog_o(eng_prog),
		.front_o(eng_front), .end_o(eng_end), .legal_i(legal), .key_size_i(key_size), .value_size_i(value_size), .values_i(values),
		.limit_i(limit), .last_i(last), .first_cpu_i(first_cpu),
		.planes_i(planes), .plane_i(plane), .lru_i(lru), .host_i(is_host),
		.buckets_i(buckets), .mask_i(mask), .stride_i(stride), .seed_i(seed),
		.free_i(st_free), .next_i(st_next), .spare_i(st_spare), .hand_i(st_hand),
		.free_we_o(eng_free_we), .next_we_o(eng_next_we), .spare_we_o(eng_spare_we), .hand_we_o(eng_hand_we),
		.free_o(eng_free), .next_o(eng_next), .spare_o(eng_spare), .hand_o(eng_hand),
		.mem_req_o(eng_req), .mem_addr_o(eng_addr), .mem_we_o(eng_we), .mem_wdata_o(eng_wdata),
		.mem_ready_i(port_ready), .mem_done_i(eng_done), .mem_error_i(eng_error), .mem_rdata_i(eng_rdata),
		.lm_req_o(lm_req), .lm_tag_o(lm_tag), .lm_thread_o(lm_thread), .lm_word_o(lm_word),
		.lm_gnt_i(lm_gnt[source_q]), .lm_data_i(lm_data_q), .hold_o(hold), .walking_i(walking),
		.rsp_valid_o(eng_rsp), .rsp_ready_i((eng_here & near_valid) == {Lookups{1'b0}}), .rsp_thread_o(eng_thread), .rsp_value_o(eng_value), .rsp_fault_o(eng_fault)
	);
	wire port_idle;
	map_port #(.Banks(Banks), .Latency(Latency)) port (
		.clk_i(clk_i), .rst_i(rst_i),
		.eng_req_i(eng_req), .eng_we_i(eng_we), .eng_word_i(eng_addr), .eng_wdata_i(eng_wdata),
		.eng_done_o(eng_done), .eng_error_o(eng_error), .eng_rdata_o(eng_rdata), .host_req_i(host_mem || fill_req),
		.host_we_i(host_mem ? host_mem_we : 1'b1), .host_line_i(!host_mem && fill_line), .host_word_i(host_mem ? host_word : fill_word),
		.host_wdata_i(host_mem ? host_wdata : 64'd0), .host_rdata_o(host_rdata), .line_o(port_line),
		.ext_done_i(ext_done), .ext_host_i(ext_host), .ext_error_i(ext_error), .ext_word_i(ext_word), .host_taken_o(host_taken), .host_done_o(host_done), .ready_o(port_ready),
		.valid_o(req_valid[Engine]), .host_o(port_host), .req_o(req[R*Engine +: R]), .gnt_i(gnt[Engine]), .words_i(a_words),
		.idle_o(port_idle)
	);

	// Lookup units, each of its tiles: those whose numbers end in its own.
	// A touch is an atomic OR with 1, a bucket read a load.
	localparam [7:0] Or = `OP_MOR;
	wire [Lookups-1:0]    near_walking, far_walking, res_valid, res_fault, res_pop, look_idle, far_idle;
	wire [4*Lookups-1:0]  res_tile;
	wire [8*Lookups-1:0]  res_thread;
	wire [64*Lookups-1:0] res_value, near_value;
	wire [4*Lookups-1:0]  near_tile;
	wire [8*Lookups-1:0]  near_thread;
	wire [Lookups-1:0]    near_fault;
	wire [Cores*Lookups-1:0] gnt_of;
	assign walking = (|near_walking) || (|far_walking);
	generate
		for (u = 0; u < Lookups; u = u + 1) begin : g_unit
			localparam LW = $clog2(`NIC_LOOK_SLOTS);
			wire [Cores-1:0] mine;
			wire [28:0]      bucket_word, put_word;
			wire             touch, put, evicts, trie, none, valid, fault;
			wire [LW-1:0]    put_slot, slot, res_slot;
			wire [191:0]     key;
			wire [1:0]       key_words;
			wire [31:0]      first, last_entry, entry;
			for (i = 0; i < Cores; i = i + 1) begin : g_tile
				assign mine[i] = i % Lookups == u;
			end
			assign req[R*(Look+u) +: R] = {64'd0, 64'd1, 1'b0, 1'b0, Or[2:0], touch, 8'd0, bucket_word};
			map_look #(.Cores(Cores), .Maps(Maps), .Banks(Banks), .Words(Words), .Latency(Latency)) lookups (
				.clk_i(clk_i), .rst_i(rst_i), .want_i(look_valid & mine), .look_i(look), .gnt_o(gnt_of[Cores*u +: Cores]),
				.dsc_we_i(dsc_we_q), .dsc_map_i(dsc_map_q), .dsc_word_i(dsc_word_q), .dsc_data_i(dsc_raw_q),
				.dsc_last_i(dsc_last_q),
				.bucket_o(req_valid[Look+u]), .bucket_touch_o(touch), .bucket_word_o(bucket_word), .bucket_gnt_i(gnt[Look+u]),
				.a_words_i(a_words), .hold_i(hold), .pause_i(eng_here[u]), .walking_o(near_walking[u]), .far_put_o(put), .far_put_slot_o(put_slot),
				.far_put_word_o(put_word), .far_slot_i(slot), .far_key_o(key), .far_key_words_o(key_words),
				.far_lru_o(evicts), .far_trie_o(trie), .far_none_o(none), .far_first_o(first), .far_last_o(last_entry),
				.far_res_valid_i(valid), .far_res_slot_i(res_slot), .far_res_fault_i(fault), .far_res_entry_i(entry),
				.near_valid_o(near_valid[u]), .near_tile_o(near_tile[4*u +: 4]), .near_thread_o(near_thread[8*u +: 8]),
				.near_fault_o(near_fault[u]), .near_value_o(near_value[64*u +: 64]), .b_addr_o(b_addr[RW*Banks*u +: RW*Banks]), .b_words_i(b_words[64*Banks*u +: 64*Banks]),
				.res_valid_o(res_valid[u]), .res_tile_o(res_tile[4*u +: 4]), .res_thread_o(res_thread[8*u +: 8]),
				.res_fault_o(res_fault[u]), .res_value_o(res_value[64*u +: 64]), .res_pop_i(res_pop[u]), .idle_o(look_idle[u])
			);
			map_ext_look far_lookups (
				.clk_i(clk_i), .rst_i(rst_i), .put_i(put), .put_slot_i(put_slot), .put_word_i(put_word), .hold_i(hold),
				.walking_o(far_walking[u]), .req_o(far_req[u]), .request_o(far_request[R*u +: R]), .way_o(way[M*(Look+u) +: M]),
				.gnt_i(ext_gnt[Look+u]), .done_i(far_done[u]), .way_i(far_way), .half_i(far_half), .place_i(far_place),
				.error_i(far_error), .slot_o(slot), .key_i(key), .key_words_i(key_words), .lru_i(evicts), .trie_i(trie), .none_i(none),
				.first_i(first), .last_i(last_entry), .res_valid_o(valid), .res_slot_o(res_slot), .res_fault_o(fault),
				.res_entry_o(entry), .res_pop_i(res_pop[u]), .idle_o(far_idle[u])
			);
		end
		for (i = 0; i < Cores; i = i + 1) begin : g_look_gnt
			assign look_gnt[i] = gnt_of[Cores*(i % Lookups) + i];
		end
	endgenerate

	// Response buses, one for the tiles of each lookup unit, the first one for the host, too; the other words to the tiles. Lookups on the chip
	// go first: they are known one cycle before their value is.
	wire [SW-1:0]         eng_unit = is_host ? {SW{1'b0}} : source_q & UnitMask[SW-1:0];
	wire [3:0]            ext_unit = ext_tile & UnitMask[3:0];
	generate
		for (u = 0; u < Lookups; u = u + 1) begin : g_bus
			localparam [SW-1:0] Unit = u;
			localparam [3:0]    Place = u;
			assign eng_here[u] = eng_rsp && eng_unit == Unit;
			assign ext_here[u] = ext_valid && ext_unit == Place;
			assign res_pop[u]  = res_valid[u] && !eng_here[u] && !near_valid[u];
			always @(posedge clk_i) begin
				rsp_thread_q[8*u +: 8]   <= near_valid[u] ? near_thread[8*u +: 8] : eng_here[u] ? eng_thread
					: res_valid[u] ? res_thread[8*u +: 8] : ext_thread;
				wait_value_q[64*u +: 64] <= eng_here[u] ? eng_value : res_valid[u] ? res_value[64*u +: 64] : ext_value;
				wait_fault_q[u]          <= eng_here[u] ? eng_fault : res_valid[u] ? res_fault[u] : ext_fault;
				near_q[u]                <= near_valid[u];
				rsp_value_q[64*u +: 64]  <= near_q[u] ? near_value[64*u +: 64] : wait_value_q[64*u +: 64];
				rsp_fault_q[u]           <= near_q[u] ? near_fault[u] : wait_fault_q[u];
			end
		end
		for (i = 0; i < Cores; i = i + 1) begin : g_tell
			localparam [SW-1:0] Here = i;
			localparam [3:0] Tile = i;
			localparam Bus = i % Lookups;
			wire mine = source_q == Here;
			always @(posedge clk_i) rsp_valid_q[i] <= !rst_i
				&& (near_valid[Bus] ? near_tile[4*Bus +: 4] == Tile : eng_here[Bus] ? mine : res_valid[Bus] ? res_tile[4*Bus +: 4] == Tile : ext_here[Bus] && ext_tile == Tile);
			assign tell_o[Tell*i +: Tell] = {
				a_words, dsc_data_q, dsc_word_q, dsc_map_q, dsc_we_q, dsc_clear_q,
				rsp_value_q[64*Bus +: 64], rsp_fault_q[Bus], rsp_thread_q[8*Bus +: 8], rsp_valid_q[i],
				lm_word, lm_thread, lm_tag, lm_req && mine, call_pop && mine, call_sel
			};
		end
	endgenerate

	assign ext_pop = (ext_here & ~near_valid & ~eng_here & ~res_valid) != {Lookups{1'b0}};
	assign idle_o = look_idle == {Lookups{1'b1}} && far_idle == {Lookups{1'b1}} && ext_idle && !fill_req && eng_idle && port_idle && host_idle
		&& bank_idle == {Banks{1'b1}} && rsp_valid_q == {Sources{1'b0}} && !host_rsp_q;

	always @(*) begin
		case (table_word)
			`NIC_DESC_TYPE:       host_desc = word0;
			`NIC_DESC_VALUE_SIZE: host_desc = value_size;
			`NIC_DESC_VALUES:     host_desc = values;
			`NIC_DESC_LIMIT:      host_desc = limit;
			`NIC_DESC_BUCKETS:    host_desc = buckets;
			`NIC_DESC_MASK:       host_desc = mask;
			`NIC_DESC_STRIDE:     host_desc = stride;
			`NIC_DESC_SEED:       host_desc = seed;
			`NIC_DESC_END:        host_desc = stop;
			`NIC_DESC_PLANE:      host_desc = plane;
			default:              host_desc = 32'd0;
		endcase
		case (table_word)
			4'd0:    host_state = st_free;
			4'd1:    host_state = st_next;
			4'd2:    host_state = st_spare;
			default: host_state = st_hand;
		endcase
	end

	always @(posedge clk_i) begin
		rsp_valid_q[Cores] <= !rst_i && eng_rsp && is_host && !near_valid[0];
		host_rsp_q         <= !rst_i && rsp_valid_q[Cores];
	end
	always @(posedge clk_i) begin
		lm_data_q    <= eng_lm_data;
		dsc_map_q    <= swept ? host_map : {{7-MW{1'b0}}, sweep_q};
		dsc_word_q   <= swept ? table_word : 4'd0;
		dsc_raw_q    <= table_data;
		dsc_last_q   <= last;
		dsc_data_q   <= !swept || table_word == `NIC_DESC_TYPE ? 32'd0 : host_seed ? use_data : table_data;
		if (eng_start) source_q <= call_source;
		if (rst_i) begin
			sweep_q     <= {MW+1{1'b0}};
			dsc_we_q    <= 1'b0;
			dsc_clear_q <= 1'b1;
			source_q    <= Host;
		end else begin
			sweep_q     <= swept ? sweep_q : sweep_q + {{MW{1'b0}}, 1'b1};
			dsc_we_q    <= !swept || host_desc_we;
			dsc_clear_q <= !swept;
		end
	end
endmodule

`default_nettype wire
