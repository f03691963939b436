// SPDX-License-Identifier: Apache-2.0
//
// The NIC without the host's bus: ports, dispatch, tiles, maps, order, egress, registers. hw/spec/fabric.md.

`include "regs.vh"
`include "map_bus.vh"
`default_nettype none

module nic_core #(
	parameter Cores = 2,
	parameter Lanes = 3,
	parameter Regs = 8,
	parameter Threads = 16,
	parameter ImemDepth = 4096,
	parameter MapWords = Cores > 4 ? 131072 : 65536,
	parameter MapLatency = `NIC_MAP_LATENCY,
	parameter Maps = 64,
	parameter Banks = Cores > 8 ? 16 : Cores > 4 ? 8 : 4,
	parameter Lookups = Cores > 4 ? 2 : 1,
	parameter Ports = 2,
	parameter Queues = 4,
	parameter Trace = 1,             // 0: no retire record
	parameter TW = Threads > 1 ? $clog2(Threads) : 1,
	parameter KW = Cores > 1 ? $clog2(Cores) : 1,
	parameter GW = KW + TW
) (
	input  wire                  clk_i,
	input  wire                  rst_i,
	// register bus
	input  wire                  reg_valid_i,
	input  wire                  reg_we_i,
	input  wire [23:0]           reg_addr_i,
	input  wire [31:0]           reg_wdata_i,
	output wire                  reg_done_o,
	output wire [31:0]           reg_rdata_o,
	// ports
	input  wire [Ports-1:0]      rx_valid_i,
	output wire [Ports-1:0]      rx_ready_o,
	input  wire [512*Ports-1:0]  rx_data_i,
	input  wire [64*Ports-1:0]   rx_keep_i,
	input  wire [Ports-1:0]      rx_last_i,
	input  wire [Ports-1:0]      rx_user_i,     // damaged
	output wire [Ports-1:0]      tx_valid_o,
	input  wire [Ports-1:0]      tx_ready_i,
	output wire [512*Ports-1:0]  tx_data_o,
	output wire [64*Ports-1:0]   tx_keep_o,
	output wire [Ports-1:0]      tx_last_o,
	output wire [32*Ports-1:0]   tx_number_o,
	output wire [Ports-1:0]      tx_host_o,
	output wire [Ports-1:0]      tx_aborted_o,
	// frames to the host
	output wire                  hrx_valid_o,
	input  wire                  hrx_ready_i,
	output wire [511:0]          hrx_data_o,
	output wire                  hrx_last_o,
	output wire [6:0]            hrx_bytes_o,
	output wire [3:0]            hrx_port_o,
	output wire [7:0]            hrx_queue_o,
	output wire [31:0]           hrx_number_o,
	output wire [11:0]           hrx_len_o,
	output wire [31:0]           hrx_hash_o,
	output wire [7:0]            hrx_flags_o,
	output wire [63:0]           hrx_time_o,
	output wire                  hrx_redirect_o,
	output wire [255:0]          hrx_meta_o,
	output wire [5:0]            hrx_meta_len_o,
	// frames from the host
	input  wire [Ports-1:0]      htx_valid_i,
	output wire [Ports-1:0]      htx_ready_o,
	input  wire                  host_stream_i, // whose rows are taken: 1 htx_data_i, 0 dma_data_i
	input  wire [512*Ports-1:0]  htx_data_i,
	input  wire [512*Ports-1:0]  dma_data_i,
	input  wire [Ports-1:0]      htx_last_i,
	input  wire [7*Ports-1:0]    htx_bytes_i,
	// host side
	output wire                  data_rst_o,    // the data path is in reset
	input  wire                  host_busy_i,   // holds STATUS.RESET
	input  wire [7:0]            host_event_i,  // counters from CNT_HOST_SIDE on
	input  wire [8*Queues-1:0]   queue_event_i, // from CNT_QUEUE on
	output wire [63:0]           time_o,
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
	// trace: last beats at the inputs, packets taken, completion records, packets lost on their way out
	output wire [Ports-1:0]      in_valid_o,
	output wire [3*Ports-1:0]    in_drop_o,
	output wire                  take_valid_o,
	output wire [31:0]           take_number_o,
	output wire [3:0]            take_port_o,
	output wire [GW-1:0]         take_ctx_o,
	output wire                  cpl_valid_o,
	output wire [GW-1:0]         cpl_ctx_o,
	output wire [31:0]           cpl_number_o,
	output wire [3:0]            cpl_port_o,
	output wire [7:0]            cpl_queue_o,
	output wire [31:0]           cpl_hash_o,
	output wire [31:0]           cpl_ret_o,
	output wire [31:0]           cpl_target_o,
	output wire [11:0]           cpl_len_o,
	output wire [7:0]            cpl_cause_o,
	output wire [12:0]           cpl_pc_o,
	output wire [63:0]           cpl_addr_o,
	output wire [31:0]           cpl_bundles_o,
	output wire [31:0]           cpl_cycles_o,
	output wire                  lost_valid_o,
	output wire [2:0]            lost_drop_o,
	output wire [31:0]           lost_number_o,
	// trace, tile 0 lowest: retired bundles; x written by value answers, the response bus, division
	output wire [Cores-1:0]      rt_valid_o,
	output wire [TW*Cores-1:0]   rt_thread_o,
	output wire [13*Cores-1:0]   rt_pc_o,
	output wire [13*Cores-1:0]   rt_next_pc_o,
	output wire [Cores-1:0]      rt_exit_o,
	output wire [8*Cores-1:0]    rt_cause_o,
	output wire [32*Cores-1:0]   rt_ret_o,
	output wire [Lanes*Cores-1:0] rt_reg_we_o,
	output wire [4*Lanes*Cores-1:0] rt_reg_o,
	output wire [64*Lanes*Cores-1:0] rt_value_o,
	output wire [Cores-1:0]      rt_store_o,
	output wire [4*Cores-1:0]    rt_store_width_o,
	output wire [16*Cores-1:0]   rt_store_tag_offset_o,
	output wire [64*Cores-1:0]   rt_store_value_o,
	output wire [8*Cores-1:0]    rt_cmd_o,
	output wire [64*Cores-1:0]   rt_cmd_addr_o,
	output wire [64*Cores-1:0]   rt_cmd_b_o,
	output wire [64*Cores-1:0]   rt_cmd_c_o,
	output wire [Cores-1:0]      vx_valid_o,
	output wire [TW*Cores-1:0]   vx_thread_o,
	output wire [64*Cores-1:0]   vx_value_o,
	output wire [Cores-1:0]      ex_valid_o,
	output wire [TW*Cores-1:0]   ex_thread_o,
	output wire [64*Cores-1:0]   ex_value_o,
	output wire [Cores-1:0]      dx_valid_o,
	output wire [TW*Cores-1:0]   dx_thread_o,
	output wire [64*Cores-1:0]   dx_value_o,
	// trace: map memory written
	output wire [Banks-1:0]      mw_valid_o,
	output wire [32*Banks-1:0]   mw_addr_o,
	output wire [8*Banks-1:0]    mw_mask_o,
	output wire [Banks-1:0]      mw_engine_o,
	output wire [64*Banks-1:0]   mw_value_o
);
	localparam PW = Ports > 1 ? $clog2(Ports) : 1;
	localparam Contexts = Cores * Threads;
	localparam RW = 8 + 13 + 64 + (Trace != 0 ? 64 : 0);   // record of a tile's out fifo, see fp_tile
	localparam EW = 5 + 32 + 32 + 12 + 6 + 6 + RW + 1024;  // entry of it
	localparam MW = PW + 8 + 32 + 32 + 8 + 64;             // meta: port, queue, number, hash, flags, time
	localparam HW = 4 + 8 + 32 + 12 + 32 + 8 + 64 + 1 + 256 + 6;    // meta towards the host
	localparam SW = 1 + 32 + 32 + 12 + MW;                 // what goes with a packet from the collect register on

	localparam [11:0] BeatBytes = `NIC_BEAT_BYTES;

	wire data_rst;
	wire path_rst = rst_i || data_rst;
	assign data_rst_o = data_rst;

	// Registers.
	wire                run, report, host_lossless, entry_we, imem_we, rnd_we, snapshot, snapshot_busy, map_req, map_done;
	wire                write, in_port, in_key, in_table, port_known, old, idle, empty;
	wire [1:0]          order_mode, imem_lane;
	wire [7:0]          threads, cores, queue;
	wire [12:0]         imem_bundle;
	wire [23:0]         addr;
	wire [31:0]         rx_min, watchdog, port_rdata, key_rdata, table_rdata, map_rdata, rnd;
	wire [63:0]         now, imem_data, count;
	wire [319:0]        key;
	wire [6:0]          entry;
	wire [13*Ports-1:0] entries;
	wire [3*Ports-1:0]  progs;
	wire [32*Ports-1:0] ifindexes;
	wire [Ports-1:0]    rx_lossless, tx_lossless, in_empty, out_empty;
	wire                host_empty;
	wire [Contexts-1:0] ctx_idle;
	wire [Cores-1:0]    map_idle;
	wire                system_idle;

	// Rows: ports, ingress register, bus register, meta register.
	wire [Ports-1:0]     in_row_valid, in_row_last, in_row_take, row_valid, row_last, row_take, tick_done;
	wire [512*Ports-1:0] row_data;
	wire [12*Ports-1:0]  in_row_len, row_len, in_len;
	wire [32*Ports-1:0]  ticks;
	wire [64*Ports-1:0]  row_time;
	wire                 s1_valid, s1_first, s1_last, bus_valid, bus_last, meta_valid;
	wire [511:0]         s1_data, bus_data;
	wire [4:0]           s1_place, bus_place;
	wire [KW-1:0]        s1_tile, bus_tile, meta_tile;
	wire [TW-1:0]        s1_thread, bus_thread, meta_thread;
	wire [PW-1:0]        s1_port, bus_port, meta_port;
	wire [31:0]          s1_number, meta_number, meta_hash;
	wire [11:0]          s1_len, bus_len;
	wire [63:0]          s1_time, meta_time;
	wire [7:0]           meta_flags, meta_queue;
	wire [Cores-1:0]     left;

	// Tiles.
	wire [Cores-1:0]     done, out_valid, out_last, out_pop, posted_fault;
	wire [TW*Cores-1:0]  done_thread, posted_thread;
	wire [13*Cores-1:0]  posted_pc;
	wire [64*Cores-1:0]  posted_addr;
	wire [EW-1:0]        out_entry;
	wire [Cores-1:0]     out_sel;
	wire [8*Cores-1:0]   tile_events;
	wire [32*Cores-1:0]  rnds;
	wire [Cores*`MAP_ASK_BITS-1:0]  map_ask;
	wire [Cores*`MAP_GNT_BITS-1:0]  map_gnt;
	wire [Cores*`MAP_TELL_BITS(Banks)-1:0] map_tell;
	wire [Cores*`MAP_GIVE_BITS-1:0] map_give;

	// Egress.
	wire           leave, leaving, ended, c_valid, c_last, move, r_last, host_write, host_room;
	wire [GW-1:0]  leave_ctx;
	wire [EW-1:0]  c_entry;
	wire [MW-1:0]  c_meta;
	wire           c_first, c_rows, c_two, c_report, unused_last;
	wire [31:0]    c_ret, c_target, c_number, c_hash;
	wire [11:0]    c_len, r_len;
	wire [RW-1:0]  c_record;
	wire [1023:0]  c_data, r_data;
	wire [PW-1:0]  c_port, r_port;
	wire [7:0]     c_queue, r_queue, r_flags;
	wire [63:0]    r_time;
	wire [31:0]    r_number, r_hash;
	wire [6:0]     r_bytes;
	wire           r_redirect, r_two;
	wire [Ports-1:0] out_write, out_room, lost_port, sent, sent_host;
	wire [12*Ports-1:0] sent_len;
	wire           unused_r_valid;
	// Behind the turn register, and what of the packet's metadata goes along.
	wire           t_empty, t_valid, t_first, t_last, t_rows, t_two, t_report;
	wire [31:0]    t_ret, t_target, t_number, t_hash;
	wire [11:0]    t_len;
	wire [PW-1:0]  t_port;
	wire [7:0]     t_queue, t_flags;
	wire [63:0]    t_time;
	wire [1023:0]  t_data;
	wire [5:0]     c_turn, c_meta_len, r_meta_len;
	wire [255:0]   r_meta;

	assign {c_first, unused_last, c_rows, c_two, c_report, c_ret, c_target, c_len, c_turn, c_meta_len, c_record, c_data} = c_entry;
	assign {c_port, c_queue, c_number, c_hash} = c_meta[MW-1:8+64];

	genvar p, k;
	generate
		for (p = 0; p < Ports; p = p + 1) begin : g_in
			pkt_in in (
				.clk_i(clk_i), .rst_i(rst_i), .clear_i(path_rst), .lossless_i(rx_lossless[p]), .rx_min_i(rx_min), .now_i(now),
				.rx_valid_i(rx_valid_i[p]), .rx_ready_o(rx_ready_o[p]), .rx_data_i(rx_data_i[512*p +: 512]),
				.rx_keep_i(rx_keep_i[64*p +: 64]), .rx_last_i(rx_last_i[p]), .rx_user_i(rx_user_i[p]),
				.row_valid_o(in_row_valid[p]), .row_data_o(row_data[512*p +: 512]), .row_last_o(in_row_last[p]),
				.row_len_o(in_row_len[12*p +: 12]), .row_time_o(row_time[64*p +: 64]), .row_take_i(in_row_take[p]),
				.in_valid_o(in_valid_o[p]), .in_drop_o(in_drop_o[3*p +: 3]), .in_len_o(in_len[12*p +: 12]), .empty_o(in_empty[p])
			);
			pkt_tick tick (
				.clk_i(clk_i), .rst_i(path_rst), .period_i(ticks[32*p +: 32]),
				.valid_i(in_row_valid[p]), .last_i(in_row_last[p]), .len_i(in_row_len[12*p +: 12]), .take_o(in_row_take[p]),
				.valid_o(row_valid[p]), .last_o(row_last[p]), .len_o(row_len[12*p +: 12]), .take_i(row_take[p]), .done_i(tick_done[p])
			);
			localparam [PW-1:0] Number = p;
			assign tick_done[p] = ended && c_len == 12'd0 && c_port == Number;
		end
	endgenerate

	pkt_ingress #(.Cores(Cores), .Threads(Threads), .Ports(Ports)) ingress (
		.clk_i(clk_i), .rst_i(path_rst), .run_i(run), .threads_i(threads), .cores_i(cores),
		.row_valid_i(row_valid), .row_data_i(row_data), .row_last_i(row_last), .row_len_i(row_len), .row_time_i(row_time),
		.row_take_o(row_take), .left_i(left), .free_i(leave), .free_ctx_i(leave_ctx), .idle_o(ctx_idle),
		.valid_o(s1_valid), .first_o(s1_first), .last_o(s1_last), .data_o(s1_data), .place_o(s1_place), .tile_o(s1_tile),
		.thread_o(s1_thread), .port_o(s1_port), .number_o(s1_number), .len_o(s1_len), .time_o(s1_time)
	);
	assign take_valid_o  = s1_valid && s1_first && s1_len != 12'd0;
	assign take_number_o = s1_number;
	assign take_port_o   = {{4-PW{1'b0}}, s1_port};
	assign take_ctx_o    = {s1_tile, s1_thread};

	pkt_inspect #(.KW(KW), .TW(TW), .PW(PW)) inspect (
		.clk_i(clk_i), .rst_i(path_rst), .hard_rst_i(rst_i), .key_i(key), .key_we_i(write && in_key), .entry_o(entry), .queue_i(queue),
		.valid_i(s1_valid), .first_i(s1_first), .last_i(s1_last), .data_i(s1_data), .place_i(s1_place), .tile_i(s1_tile),
		.thread_i(s1_thread), .port_i(s1_port), .number_i(s1_number), .len_i(s1_len), .time_i(s1_time),
		.valid_o(bus_valid), .last_o(bus_last), .data_o(bus_data), .place_o(bus_place), .tile_o(bus_tile),
		.thread_o(bus_thread), .port_o(bus_port), .len_o(bus_len),
		.meta_valid_o(meta_valid), .meta_tile_o(meta_tile), .meta_thread_o(meta_thread), .meta_port_o(meta_port),
		.number_o(meta_number), .time_o(meta_time), .hash_o(meta_hash), .flags_o(meta_flags), .queue_o(meta_queue)
	);

	generate
		for (k = 0; k < Cores; k = k + 1) begin : g_tile
			localparam [KW-1:0] Number = k;
			localparam [3:0]    Core = k;
			localparam [31:0]   Spread = k * `NIC_RND_SPREAD;
			reg  [3:0]    number;
			reg  [31:0]   spread;
			wire [EW-1:0] head, chosen;       // chosen: of the tiles up to this
			if (k == 0) begin : g_first
				assign chosen = head & {EW{out_sel[k]}};
			end else begin : g_next
				assign chosen = (head & {EW{out_sel[k]}}) | g_tile[k-1].chosen;
			end

			// Registers, which synthesis makes constants: so all tiles are the same to a simulator and share their code.
			always @(posedge clk_i) begin
				number <= Core;
				spread <= Spread;
			end
			fp_tile #(
				.Lanes(Lanes), .Regs(Regs), .Threads(Threads), .ImemDepth(ImemDepth), .Maps(Maps), .Banks(Banks),
				.MapLatency(MapLatency), .Ports(Ports), .Trace(Trace)
			) tile (
				.clk_i(clk_i), .rst_i(path_rst), .core_i(number), .report_i(report), .watchdog_i(watchdog),
				.entries_i(entries), .progs_i(progs), .ifindexes_i(ifindexes), .time_i(now),
				.rnd_spread_i(spread), .rnd_we_i(rnd_we), .rnd_i(reg_wdata_i), .rnd_o(rnds[32*k +: 32]),
				.imem_we_i(imem_we), .imem_lane_i(imem_lane), .imem_bundle_i(imem_bundle), .imem_data_i(imem_data),
				.bus_valid_i(bus_valid && bus_tile == Number), .bus_last_i(bus_last), .bus_data_i(bus_data),
				.bus_place_i(bus_place), .bus_thread_i(bus_thread), .bus_len_i(bus_len), .bus_port_i(bus_port),
				.left_o(left[k]), .meta_valid_i(meta_valid && meta_tile == Number), .meta_thread_i(meta_thread),
				.meta_queue_i(meta_queue),
				.done_o(done[k]), .done_thread_o(done_thread[TW*k +: TW]),
				.request_i(leave && leave_ctx[TW +: KW] == Number), .request_thread_i(leave_ctx[TW-1:0]),
				.out_valid_o(out_valid[k]), .out_last_o(out_last[k]), .out_entry_o(head),
				.out_pop_i(out_pop[k]),
				.ask_o(map_ask[`MAP_ASK_BITS*k +: `MAP_ASK_BITS]), .gnt_i(map_gnt[`MAP_GNT_BITS*k +: `MAP_GNT_BITS]),
				.tell_i(map_tell[`MAP_TELL_BITS(Banks)*k +: `MAP_TELL_BITS(Banks)]),
				.give_o(map_give[`MAP_GIVE_BITS*k +: `MAP_GIVE_BITS]),
				.map_idle_o(map_idle[k]), .posted_fault_o(posted_fault[k]), .posted_thread_o(posted_thread[TW*k +: TW]),
				.posted_pc_o(posted_pc[13*k +: 13]), .posted_addr_o(posted_addr[64*k +: 64]),
				.events_o(tile_events[8*k +: 8]),
				.rt_valid_o(rt_valid_o[k]), .rt_thread_o(rt_thread_o[TW*k +: TW]), .rt_pc_o(rt_pc_o[13*k +: 13]),
				.rt_next_pc_o(rt_next_pc_o[13*k +: 13]), .rt_exit_o(rt_exit_o[k]), .rt_cause_o(rt_cause_o[8*k +: 8]),
				.rt_ret_o(rt_ret_o[32*k +: 32]), .rt_reg_we_o(rt_reg_we_o[Lanes*k +: Lanes]),
				.rt_reg_o(rt_reg_o[4*Lanes*k +: 4*Lanes]), .rt_value_o(rt_value_o[64*Lanes*k +: 64*Lanes]),
				.rt_store_o(rt_store_o[k]), .rt_store_width_o(rt_store_width_o[4*k +: 4]),
				.rt_store_tag_offset_o(rt_store_tag_offset_o[16*k +: 16]), .rt_store_value_o(rt_store_value_o[64*k +: 64]),
				.rt_cmd_o(rt_cmd_o[8*k +: 8]), .rt_cmd_addr_o(rt_cmd_addr_o[64*k +: 64]),
				.rt_cmd_b_o(rt_cmd_b_o[64*k +: 64]), .rt_cmd_c_o(rt_cmd_c_o[64*k +: 64]),
				.vx_valid_o(vx_valid_o[k]), .vx_thread_o(vx_thread_o[TW*k +: TW]), .vx_value_o(vx_value_o[64*k +: 64]),
				.ex_valid_o(ex_valid_o[k]), .ex_thread_o(ex_thread_o[TW*k +: TW]), .ex_value_o(ex_value_o[64*k +: 64]),
				.dx_valid_o(dx_valid_o[k]), .dx_thread_o(dx_thread_o[TW*k +: TW]), .dx_value_o(dx_value_o[64*k +: 64])
			);
		end
	endgenerate

	assign out_entry = g_tile[Cores-1].chosen;

	wire [1:0] ext_error;
	map_system #(
		.Cores(Cores), .Threads(Threads), .Maps(Maps), .Banks(Banks), .Words(MapWords), .Latency(MapLatency),
		.Lookups(Lookups)
	) maps (
		.clk_i(clk_i), .rst_i(path_rst), .hard_rst_i(rst_i), .ext_error_o(ext_error), .ask_i(map_ask), .gnt_o(map_gnt), .tell_o(map_tell), .give_i(map_give),
		.x_mib_i(x_mib_i), .x_ar_valid_o(x_ar_valid_o), .x_ar_ready_i(x_ar_ready_i), .x_ar_line_o(x_ar_line_o),
		.x_r_valid_i(x_r_valid_i), .x_r_ready_o(x_r_ready_o), .x_r_data_i(x_r_data_i), .x_r_resp_i(x_r_resp_i),
		.x_aw_valid_o(x_aw_valid_o), .x_aw_ready_i(x_aw_ready_i), .x_aw_line_o(x_aw_line_o), .x_w_valid_o(x_w_valid_o),
		.x_w_ready_i(x_w_ready_i), .x_w_data_o(x_w_data_o), .x_w_strb_o(x_w_strb_o), .x_b_valid_i(x_b_valid_i),
		.x_b_resp_i(x_b_resp_i),
		.host_req_i(map_req), .host_we_i(reg_we_i), .host_addr_i(addr), .host_wdata_i(reg_wdata_i),
		.host_done_o(map_done), .host_rdata_o(map_rdata), .idle_o(system_idle),
		.mw_valid_o(mw_valid_o), .mw_addr_o(mw_addr_o), .mw_mask_o(mw_mask_o), .mw_engine_o(mw_engine_o), .mw_value_o(mw_value_o)
	);

	pkt_order #(.Cores(Cores), .Threads(Threads)) order (
		.clk_i(clk_i), .rst_i(path_rst), .mode_i(order_mode),
		.insert_i(meta_valid), .insert_ctx_i({meta_tile, meta_thread}), .insert_hash_i(meta_hash),
		.done_i(done), .done_thread_i(done_thread), .leave_o(leave), .leave_ctx_o(leave_ctx)
	);
	pkt_collect #(.Cores(Cores), .MW(MW), .EW(EW), .TW(TW)) collect (
		.clk_i(clk_i), .rst_i(path_rst), .meta_i(meta_valid), .meta_ctx_i({meta_tile, meta_thread}),
		.meta_data_i({meta_port, meta_queue, meta_number, meta_hash, meta_flags, meta_time}),
		.leave_i(leave), .leave_ctx_i(leave_ctx), .out_valid_i(out_valid), .out_last_i(out_last), .out_sel_o(out_sel), .out_entry_i(out_entry),
		.out_pop_o(out_pop), .queued_o(leaving),
		.move_i(move), .valid_o(c_valid), .last_o(c_last), .ctx_o(cpl_ctx_o), .entry_o(c_entry), .meta_o(c_meta)
	);
	assign ended         = c_valid && c_first && move;
	assign cpl_valid_o   = ended && c_len != 12'd0;
	assign cpl_number_o  = c_number;
	assign cpl_port_o    = {{4-PW{1'b0}}, c_port};
	assign cpl_queue_o   = c_queue;
	assign cpl_hash_o    = c_hash;
	assign cpl_ret_o     = c_ret;
	assign cpl_target_o  = c_target;
	assign cpl_len_o     = c_len;
	assign cpl_cause_o   = c_record[84:77];
	assign cpl_pc_o      = c_record[76:64];
	assign cpl_addr_o    = c_record[63:0];
	generate
		if (Trace != 0) begin : g_times
			assign {cpl_bundles_o, cpl_cycles_o} = c_record[RW-1:85];
		end else begin : g_no_times
			assign {cpl_bundles_o, cpl_cycles_o} = 64'd0;
		end
	endgenerate

	pkt_turn #(.Width(SW)) turn (
		.clk_i(clk_i), .rst_i(path_rst), .move_i(move), .valid_i(c_valid), .first_i(c_first), .last_i(c_last), .rows_i(c_rows),
		.two_i(c_two), .long_i(c_len > BeatBytes), .turn_i(c_turn), .meta_len_i(c_meta_len), .data_i(c_data), .side_i({c_report, c_ret, c_target, c_len, c_meta}),
		.empty_o(t_empty), .valid_o(t_valid), .first_o(t_first), .last_o(t_last), .rows_o(t_rows), .two_o(t_two), .data_o(t_data),
		.side_o({t_report, t_ret, t_target, t_len, t_port, t_queue, t_number, t_hash, t_flags, t_time}),
		.meta_o(r_meta), .meta_len_o(r_meta_len)
	);
	pkt_route #(.Ports(Ports), .Queues(Queues)) route (
		.clk_i(clk_i), .rst_i(path_rst), .ifindexes_i(ifindexes), .lossless_i(tx_lossless),
		.host_lossless_i(host_lossless),
		.move_o(move), .valid_i(t_valid), .first_i(t_first), .last_i(t_last), .rows_i(t_rows), .two_i(t_two), .report_i(t_report), .data_i(t_data), .ret_i(t_ret),
		.target_i(t_target), .len_i(t_len), .port_i(t_port), .queue_i(t_queue), .number_i(t_number), .hash_i(t_hash),
		.flags_i(t_flags), .time_i(t_time), .room_i(out_room), .host_room_i(host_room), .write_o(out_write),
		.host_write_o(host_write), .valid_o(unused_r_valid), .last_o(r_last), .two_o(r_two), .bytes_o(r_bytes), .data_o(r_data), .len_o(r_len),
		.port_o(r_port), .queue_o(r_queue), .number_o(r_number), .hash_o(r_hash), .flags_o(r_flags), .time_o(r_time),
		.redirect_o(r_redirect), .lost_o(lost_drop_o), .lost_port_o(lost_port)
	);
	assign lost_valid_o  = lost_drop_o != 3'd0;
	assign lost_number_o = r_number;

	generate
		for (p = 0; p < Ports; p = p + 1) begin : g_out
			pkt_out out (
				.clk_i(clk_i), .rst_i(rst_i), .clear_i(path_rst),
				.write_i(out_write[p]), .two_i(r_two), .data_i(r_data), .last_i(r_last), .bytes_i(r_bytes), .number_i(r_number), .room_o(out_room[p]),
				.host_valid_i(htx_valid_i[p]), .host_ready_o(htx_ready_o[p]), .host_stream_i(host_stream_i),
				.host_data_i(htx_data_i[512*p +: 512]), .dma_data_i(dma_data_i[512*p +: 512]),
				.host_last_i(htx_last_i[p]), .host_bytes_i(htx_bytes_i[7*p +: 7]),
				.tx_valid_o(tx_valid_o[p]), .tx_ready_i(tx_ready_i[p]), .tx_data_o(tx_data_o[512*p +: 512]),
				.tx_keep_o(tx_keep_o[64*p +: 64]), .tx_last_o(tx_last_o[p]), .tx_number_o(tx_number_o[32*p +: 32]),
				.tx_host_o(tx_host_o[p]), .tx_aborted_o(tx_aborted_o[p]), .empty_o(out_empty[p]),
				.sent_o(sent[p]), .sent_host_o(sent_host[p]), .sent_len_o(sent_len[12*p +: 12])
			);
		end
	endgenerate
	pkt_host #(.Meta(HW)) host (
		.clk_i(clk_i), .rst_i(path_rst), .write_i(host_write), .two_i(r_two), .data_i(r_data), .last_i(r_last), .bytes_i(r_bytes),
		.meta_i({{4-PW{1'b0}}, r_port, r_queue, r_number, r_len, r_hash, r_flags, r_time, r_redirect, r_meta, r_meta_len}), .room_o(host_room),
		.valid_o(hrx_valid_o), .ready_i(hrx_ready_i), .data_o(hrx_data_o), .last_o(hrx_last_o), .bytes_o(hrx_bytes_o),
		.meta_o({hrx_port_o, hrx_queue_o, hrx_number_o, hrx_len_o, hrx_hash_o, hrx_flags_o, hrx_time_o, hrx_redirect_o,
			hrx_meta_o, hrx_meta_len_o}),
		.empty_o(host_empty)
	);

	// A posted fault: the lowest tile's.
	reg [KW-1:0]   posted_tile;
	wire [TW-1:0]  lowest_thread;
	wire [12:0]    lowest_pc;
	wire [63:0]    lowest_addr;
	wire [GW+7:0]  posted_ctx = {8'd0, posted_tile, lowest_thread}, fault_ctx = {8'd0, cpl_ctx_o};
	integer        i;
	always @(*) begin
		posted_tile = {KW{1'b0}};
		for (i = Cores - 1; i >= 0; i = i - 1) if (posted_fault[i]) posted_tile = i[KW-1:0];
	end
	mux #(.Width(TW), .Count(Cores)) posted_thread_mux (.sel_i(posted_tile), .in_i(posted_thread), .out_o(lowest_thread));
	mux #(.Width(13), .Count(Cores)) posted_pc_mux (.sel_i(posted_tile), .in_i(posted_pc), .out_o(lowest_pc));
	mux #(.Width(64), .Count(Cores)) posted_addr_mux (.sel_i(posted_tile), .in_i(posted_addr), .out_o(lowest_addr));

	assign idle  = (&ctx_idle) && !leaving && (&map_idle) && system_idle;
	assign empty = idle && (&in_empty) && (&out_empty) && host_empty && !c_valid && t_empty && !unused_r_valid;
	assign rnd   = rnds[31:0];
	assign time_o = now;

	csr_regs #(
		.Cores(Cores), .Lanes(Lanes), .Regs(Regs), .Threads(Threads), .ImemDepth(ImemDepth), .MapWords(MapWords), .Maps(Maps),
		.Ports(Ports), .Queues(Queues)
	) registers (
		.clk_i(clk_i), .rst_i(rst_i),
		.reg_valid_i(reg_valid_i), .reg_we_i(reg_we_i), .reg_addr_i(reg_addr_i), .reg_wdata_i(reg_wdata_i),
		.reg_done_o(reg_done_o), .reg_rdata_o(reg_rdata_o),
		.write_o(write), .addr_o(addr), .port_o(in_port), .key_o(in_key), .table_o(in_table),
		.port_rdata_i(port_rdata), .port_known_i(port_known), .key_rdata_i(key_rdata), .table_rdata_i(table_rdata),
		.count_i(count), .snapshot_o(snapshot), .snapshot_busy_i(snapshot_busy),
		.map_req_o(map_req), .map_done_i(map_done), .map_rdata_i(map_rdata),
		.imem_we_o(imem_we), .imem_lane_o(imem_lane), .imem_bundle_o(imem_bundle), .imem_data_o(imem_data),
		.ext_mib_i(x_mib_i), .data_rst_o(data_rst), .host_busy_i(host_busy_i), .idle_i(idle), .old_i(old), .empty_i(empty),
		.run_o(run), .report_o(report), .host_lossless_o(host_lossless), .order_o(order_mode), .rx_min_o(rx_min),
		.threads_o(threads), .cores_o(cores), .watchdog_o(watchdog), .time_o(now), .rnd_we_o(rnd_we), .rnd_i(rnd),
		.fault_i(ended && cpl_cause_o != `CAUSE_NONE), .fault_cause_i(cpl_cause_o), .fault_ctx_i(fault_ctx[7:0]),
		.fault_pc_i(cpl_pc_o), .fault_addr_i(cpl_addr_o),
		.posted_fault_i(|posted_fault), .posted_ctx_i(posted_ctx[7:0]), .posted_pc_i(lowest_pc), .posted_addr_i(lowest_addr)
	);
	csr_ports #(.Ports(Ports)) port_registers (
		.clk_i(clk_i), .rst_i(rst_i), .write_i(write && in_port), .addr_i(addr[6:0]), .wdata_i(reg_wdata_i),
		.rdata_o(port_rdata), .known_o(port_known), .entry_we_o(entry_we), .entries_o(entries), .progs_o(progs),
		.ifindexes_o(ifindexes), .rx_lossless_o(rx_lossless), .tx_lossless_o(tx_lossless), .ticks_o(ticks)
	);
	csr_rss #(.Queues(Queues)) rss (
		.clk_i(clk_i), .rst_i(rst_i), .key_we_i(write && in_key), .key_word_i(addr[5:2]), .table_we_i(write && in_table),
		.table_entry_i(addr[8:2]), .wdata_i(reg_wdata_i), .key_o(key_rdata), .table_o(table_rdata),
		.hash_key_o(key), .entry_i(entry), .queue_o(queue)
	);
	csr_old #(.Contexts(Contexts)) old_packets (
		.clk_i(clk_i), .rst_i(path_rst), .mark_i(entry_we), .idle_i(ctx_idle), .any_o(old)
	);
	csr_events #(.Cores(Cores), .Ports(Ports), .Queues(Queues)) statistics (
		.clk_i(clk_i), .rst_i(rst_i), .index_i(addr[11:3]), .value_o(count), .snapshot_i(snapshot), .busy_o(snapshot_busy),
		.in_i(in_valid_o), .in_drop_i(in_drop_o), .in_len_i(in_len), .tile_i(tile_events),
		.cpl_i(ended), .cpl_ret_i(c_ret), .cpl_len_i(c_len), .cpl_cause_i(cpl_cause_o), .lost_i(lost_drop_o), .lost_port_i(lost_port),
		.host_i(host_write && r_last), .host_len_i(r_len), .sent_i(sent), .sent_host_i(sent_host), .sent_len_i(sent_len),
		.ext_error_i(ext_error), .host_event_i(host_event_i), .queue_event_i(queue_event_i)
	);

	wire unused = &{1'b0, unused_last, posted_ctx, fault_ctx, rnds};
endmodule

`default_nettype wire
