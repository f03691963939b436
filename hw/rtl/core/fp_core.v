// SPDX-License-Identifier: Apache-2.0
//
// The flow processor: a barrel of threads, one packet each, issuing bundles of lane words; see README.md for the
// stages and hw/spec/machine.md for the contract.

`include "isa.vh"
`default_nettype none

module fp_core #(
	parameter Lanes = 3,
	parameter Regs = 8,
	parameter Threads = 16,
	parameter ImemDepth = 4096,
	parameter Trace = 1,            // 0: no retire record
	parameter TW = Threads > 1 ? $clog2(Threads) : 1
) (
	input  wire                clk_i,
	input  wire                rst_i,
	input  wire [3:0]          core_i,         // its number
	// host registers
	input  wire [31:0]         watchdog_i,
	input  wire [63:0]         time_i,
	input  wire [31:0]         rnd_spread_i,
	input  wire                rnd_we_i,
	input  wire [31:0]         rnd_i,
	output wire [31:0]         rnd_o,
	input  wire                imem_we_i,
	input  wire [1:0]          imem_lane_i,
	input  wire [12:0]         imem_bundle_i,
	input  wire [63:0]         imem_data_i,
	// a packet is whole
	input  wire                start_i,
	input  wire [TW-1:0]       start_thread_i,
	input  wire [12:0]         start_entry_i,
	input  wire [11:0]         start_len_i,
	input  wire [31:0]         start_ifindex_i,
	// its receive queue, at most three cycles behind
	input  wire                rxq_we_i,
	input  wire [TW-1:0]       rxq_thread_i,
	input  wire [7:0]          rxq_i,
	// rows of packets, not in a cycle with store_m1_o or lm_req_i
	input  wire                row_we_i,
	input  wire [TW-1:0]       row_thread_i,
	input  wire [5:0]          row_i,
	input  wire [255:0]        row_data_i,
	output wire                store_m1_o,
	// what is written to the packet buffers, rows and stores
	output wire [TW-1:0]       w_thread_o,
	output wire [5:0]          w_row_o,
	output wire [5:0]          w_row0_o,
	output wire [31:0]         w_be_o,
	output wire [255:0]        w_data_o,
	// operands of map commands: words of packet or stack, data two cycles later
	input  wire                lm_req_i,
	input  wire [3:0]          lm_tag_i,
	input  wire [TW-1:0]       lm_thread_i,
	input  wire [7:0]          lm_word_i,
	output wire [63:0]         lm_data_o,
	// where packets lie in their buffers: for map commands, and for the sender
	input  wire [TW-1:0]       map_thread_i,
	output wire [10:0]         map_front_o,
	output wire [11:0]         map_end_o,
	input  wire [TW-1:0]       send_thread_i,
	output wire [10:0]         send_front_o,
	output wire [10:0]         send_start_o,
	output wire [11:0]         send_end_o,
	// commands to the map unit
	output wire                cmd_valid_o,
	output wire [7:0]          cmd_op_o,
	output wire                cmd_w_o,
	output wire                cmd_fetch_o,
	output wire [1:0]          cmd_width_o,
	output wire                cmd_swap_o,
	output wire [7:0]          cmd_map_o,
	output wire [TW-1:0]       cmd_thread_o,
	output wire [12:0]         cmd_pc_o,
	output wire [63:0]         cmd_addr_o,
	output wire [63:0]         cmd_b_o,
	output wire [63:0]         cmd_c_o,
	input  wire [5:0]          cmd_count_i,
	// threads whose answers are on their way: ready again
	input  wire                vwake_i,
	input  wire [TW-1:0]       vwake_thread_i,
	input  wire                ewake_i,
	input  wire [TW-1:0]       ewake_thread_i,
	// answers of the value unit
	input  wire                vrsp_valid_i,
	input  wire [TW-1:0]       vrsp_thread_i,
	input  wire                vrsp_we_i,
	input  wire [63:0]         vrsp_value_i,
	input  wire                vrsp_fault_i,
	input  wire [12:0]         vrsp_pc_i,
	input  wire [63:0]         vrsp_addr_i,
	// answers of the map engine
	input  wire                ersp_valid_i,
	input  wire [TW-1:0]       ersp_thread_i,
	input  wire                ersp_we_i,
	input  wire [63:0]         ersp_value_i,
	input  wire                ersp_fault_i,
	input  wire [12:0]         ersp_pc_i,
	input  wire [63:0]         ersp_addr_i,
	// redirect target, of done_thread_o
	output wire                target_we_o,
	output wire [31:0]         target_o,
	// ended packets
	output wire                done_valid_o,
	output wire [TW-1:0]       done_thread_o,
	output wire [31:0]         done_ret_o,
	output wire [7:0]          done_cause_o,
	output wire [12:0]         done_pc_o,
	output wire [63:0]         done_addr_o,
	output wire [31:0]         done_bundles_o,
	output wire [31:0]         done_cycles_o,
	// counting pulses
	output wire                issue_o,
	output wire                idle_cycle_o,
	output wire                stall_o,
	output wire                cmd_full_o,
	// retire record, and x written by the division unit
	output wire                rt_valid_o,
	output wire [TW-1:0]       rt_thread_o,
	output wire [12:0]         rt_pc_o,
	output wire [12:0]         rt_next_pc_o,
	output wire                rt_exit_o,
	output wire [7:0]          rt_cause_o,
	output wire [31:0]         rt_ret_o,
	output wire [Lanes-1:0]    rt_reg_we_o,
	output wire [4*Lanes-1:0]  rt_reg_o,
	output wire [64*Lanes-1:0] rt_value_o,
	output wire                rt_store_o,
	output wire [3:0]          rt_store_width_o,
	output wire [15:0]         rt_store_tag_offset_o,
	output wire [63:0]         rt_store_value_o,
	output wire [7:0]          rt_cmd_o,
	output wire [63:0]         rt_cmd_addr_o,
	output wire [63:0]         rt_cmd_b_o,
	output wire [63:0]         rt_cmd_c_o,
	output wire                dx_valid_o,
	output wire [TW-1:0]       dx_thread_o,
	output wire [63:0]         dx_value_o
);
	localparam Last  = Lanes - 1;
	localparam Ports = 2 * Lanes + 1;
	localparam Second = Lanes > 1 ? 1 : 0;
	localparam [63:0] Invalid = -64'd22, Access = -64'd13;   // -EINVAL, -EACCES

	// Schedule and fetch.
	wire                s_valid, e2_ready, e2_valid;
	wire [TW-1:0]       s_thread, f2_thread, f3_thread, r1_thread, r2_thread, e1_thread, e2_thread, wb_thread;
	wire                r1_valid, r1_first, r2_first;
	wire [12:0]         r1_pc, e2_pc, e2_next_pc;
	wire [64*Lanes-1:0] r1_word;
	wire [63:0]         r1_last_word = r1_word[64*Last +: 64];

	assign issue_o = s_valid;

	fp_sched #(.Threads(Threads), .TW(TW)) sched (
		.clk_i(clk_i), .rst_i(rst_i),
		.start_i(start_i), .start_thread_i(start_thread_i), .done_i(done_valid_o), .done_thread_i(e2_thread),
		.end_i(e2_ready), .end_thread_i(e2_thread), .value_i(vwake_i), .value_thread_i(vwake_thread_i),
		.engine_i(ewake_i), .engine_thread_i(ewake_thread_i), .div_i(dx_valid_o), .div_thread_i(dx_thread_o),
		.cmd_count_i(cmd_count_i), .s_valid_o(s_valid), .s_thread_o(s_thread),
		.idle_cycle_o(idle_cycle_o), .stall_o(stall_o), .cmd_full_o(cmd_full_o)
	);
	fp_fetch #(.Lanes(Lanes), .Threads(Threads), .ImemDepth(ImemDepth), .TW(TW)) fetch (
		.clk_i(clk_i), .rst_i(rst_i),
		.imem_we_i(imem_we_i), .imem_lane_i(imem_lane_i), .imem_bundle_i(imem_bundle_i), .imem_data_i(imem_data_i),
		.start_i(start_i), .start_thread_i(start_thread_i), .entry_i(start_entry_i),
		.e2_valid_i(e2_valid), .e2_thread_i(e2_thread), .e2_next_pc_i(e2_next_pc),
		.s_valid_i(s_valid), .s_thread_i(s_thread), .f2_thread_o(f2_thread), .f3_thread_o(f3_thread),
		.r1_valid_o(r1_valid), .r1_thread_o(r1_thread), .r1_first_o(r1_first), .r1_pc_o(r1_pc), .r1_word_o(r1_word)
	);

	// What goes down the pipeline with a bundle.
	reg [2:0] valid_q;  // R2, E1, E2

	always @(posedge clk_i) valid_q <= rst_i ? 3'd0 : {valid_q[1:0], r1_valid};
	assign e2_valid = valid_q[2];

	delay #(.Width(TW + 1)) thread_to_r2 (.clk_i(clk_i), .d_i({r1_thread, r1_first}), .q_o({r2_thread, r2_first}));
	delay #(.Width(TW)) thread_to_e1 (.clk_i(clk_i), .d_i(r2_thread), .q_o(e1_thread));
	delay #(.Width(TW)) thread_to_e2 (.clk_i(clk_i), .d_i(e1_thread), .q_o(e2_thread));
	delay #(.Width(TW), .Stages(4)) thread_to_wb (.clk_i(clk_i), .d_i(e2_thread), .q_o(wb_thread));
	delay #(.Width(13), .Stages(3)) pc_to_e2 (.clk_i(clk_i), .d_i(r1_pc), .q_o(e2_pc));

	// Context.
	wire [10:0] r1_front, r1_start, r1_start8, e1_front, e1_start, m2_front, m2_start;
	wire [11:0] r1_end, r1_len, e1_end, m2_end;
	wire        m2_move;
	wire [TW-1:0] m2_thread;
	wire [31:0] r1_ifindex;
	wire [7:0]  r1_rxq;
	wire        e2_late;
	wire [63:0] r1_x;
	wire        e2_map_fault;
	wire [12:0] e2_map_fault_pc;
	wire [63:0] e2_map_fault_addr;

	fp_context #(.Threads(Threads), .Trace(Trace), .TW(TW)) contexts (
		.clk_i(clk_i), .rst_i(rst_i), .watchdog_i(watchdog_i), .ifindex_i(start_ifindex_i),
		.start_i(start_i), .start_thread_i(start_thread_i), .start_len_i(start_len_i),
		.rxq_we_i(rxq_we_i), .rxq_thread_i(rxq_thread_i), .rxq_i(rxq_i), .move_i(m2_move), .move_thread_i(m2_thread), .move_front_i(m2_front), .move_start_i(m2_start), .move_end_i(m2_end),
		.map_thread_i(map_thread_i), .map_front_o(map_front_o), .map_end_o(map_end_o),
		.send_thread_i(send_thread_i), .send_front_o(send_front_o), .send_start_o(send_start_o), .send_end_o(send_end_o),
		.f3_thread_i(f3_thread), .r1_front_o(r1_front), .r1_start_o(r1_start), .r1_start8_o(r1_start8), .r1_end_o(r1_end),
		.r1_len_o(r1_len), .r1_ifindex_o(r1_ifindex), .r1_rxq_o(r1_rxq),
		.r2_thread_i(r2_thread), .r2_first_i(r2_first), .e1_thread_i(e1_thread),
		.e2_valid_i(e2_valid), .e2_thread_i(e2_thread),
		.e2_bundles_o(done_bundles_o), .e2_late_o(e2_late), .e2_cycles_o(done_cycles_o)
	);
	delay #(.Width(34), .Stages(2)) place_to_e1 (.clk_i(clk_i), .d_i({r1_front, r1_start, r1_end}), .q_o({e1_front, e1_start, e1_end}));
	fp_xreg #(.Threads(Threads), .TW(TW)) xreg (
		.clk_i(clk_i), .rst_i(rst_i),
		.value_we_i(vrsp_valid_i && vrsp_we_i), .value_thread_i(vrsp_thread_i), .value_i(vrsp_value_i),
		.engine_we_i(ersp_valid_i && ersp_we_i), .engine_thread_i(ersp_thread_i), .engine_i(ersp_value_i),
		.div_we_i(dx_valid_o), .div_thread_i(dx_thread_o), .div_i(dx_value_o),
		.f2_thread_i(f2_thread), .f3_thread_i(f3_thread), .r1_x_o(r1_x)
	);
	fp_fault #(.Threads(Threads), .TW(TW)) fault (
		.clk_i(clk_i), .rst_i(rst_i), .start_i(start_i), .start_thread_i(start_thread_i),
		.value_we_i(vrsp_valid_i && vrsp_fault_i), .value_thread_i(vrsp_thread_i),
		.value_pc_i(vrsp_pc_i), .value_addr_i(vrsp_addr_i),
		.engine_we_i(ersp_valid_i && ersp_fault_i), .engine_thread_i(ersp_thread_i),
		.engine_pc_i(ersp_pc_i), .engine_addr_i(ersp_addr_i),
		.r2_thread_i(r2_thread), .e1_thread_i(e1_thread), .e2_fault_o(e2_map_fault), .e2_pc_o(e2_map_fault_pc), .e2_addr_o(e2_map_fault_addr)
	);

	// Registers; read port 2l is lane l's a, 2l + 1 its b, the last one the third operand.
	wire [7*Ports-1:0]  r1_code;
	wire [Ports-1:0]    r1_none;
	wire [64*Ports-1:0] r2_value;
	wire [Lanes-1:0]    e2_we, wb_we;
	wire [4*Lanes-1:0]  e2_dst, wb_dst;
	wire [64*Lanes-1:0] wb_value;

	fp_regfile #(.Lanes(Lanes), .Regs(Regs), .Threads(Threads), .Ports(Ports), .TW(TW)) regfile (
		.clk_i(clk_i), .r1_thread_i(r1_thread), .r1_code_i(r1_code), .r1_none_i(r1_none), .r1_x_i(r1_x),
		.r2_value_o(r2_value),
		.wb_thread_i(wb_thread), .wb_we_i(wb_we), .wb_reg_i(wb_dst), .wb_value_i(wb_value)
	);

	// Lanes.
	wire [TW-1:0]       m1_thread;
	wire [5:0]          m1_row, m1_row0;
	wire [31:0]         m1_be;
	wire [63:0]         m1_wdata;
	wire                e1_use_off, e1_use_time, e2_is_load, e2_is_mul, e2_is_sum, e2_is_adjust, e2_is_rnd;
	wire [10:0]         e1_off;
	wire [31:0]         rnd_next;
	wire [64*Lanes-1:0] r2_win;
	wire [8*Lanes-1:0]  r2_win_zero;
	wire [64*Lanes-1:0] e1_a, e1_b, e2_sum, e2_b, m3_result;
	wire [Lanes-1:0]    e1_carry, e2_legal, e2_guard, e2_taken, e2_exit, e2_lane_we;
	wire [13*Lanes-1:0] e2_target;
	wire [32*Lanes-1:0] e2_lane_ret;
	// Rows go to the window memories as well, in cycles without a store.
	wire [TW-1:0]       w_thread = row_we_i ? row_thread_i : m1_thread;
	wire [5:0]          w_row    = row_we_i ? row_i : m1_row;
	wire [5:0]          w_row0   = row_we_i ? row_i : m1_row0;
	wire [31:0]         w_be     = row_we_i ? {32{1'b1}} : m1_be;
	wire [255:0]        w_data   = row_we_i ? row_data_i : {4{m1_wdata}};
	wire [11:0]         number   = {{8-TW{1'b0}}, core_i, r1_thread};
	wire [7:0]          r1_cpu   = number[7:0];

	assign w_thread_o = w_thread;
	assign w_row_o    = w_row;
	assign w_row0_o   = w_row0;
	assign w_be_o     = w_be;
	assign w_data_o   = w_data;

	genvar l;
	generate
		for (l = 0; l < Lanes; l = l + 1) begin : g_lane
			wire [63:0] word = r1_word[64*l +: 64];

			assign r1_code[14*l +: 14] = {word[`F_b], word[`F_a]};
			assign e2_lane_ret[32*l +: 32] = e2_b[64*l +: 32];

			fp_lane #(.Lane(l), .Lanes(Lanes), .Threads(Threads), .TW(TW)) lane (
				.clk_i(clk_i),
				.w_thread_i(w_thread), .w_row_i(w_row), .w_row0_i(w_row0), .w_be_i(w_be), .w_data_i(w_data),
				.r1_thread_i(r1_thread), .r1_cpu_i(r1_cpu), .r1_word_i(word),
				.r1_front_i(r1_front), .r1_start_i(r1_start), .r1_start8_i(r1_start8), .r1_end_i(r1_end), .r1_len_i(r1_len),
				.r1_ifindex_i(r1_ifindex), .r1_rxq_i(r1_rxq),
				.r1_a_none_o(r1_none[2*l]), .r1_b_none_o(r1_none[2*l+1]),
				.r2_a_i(r2_value[128*l +: 64]), .r2_b_i(r2_value[128*l+64 +: 64]),
				.r2_win_o(r2_win[64*l +: 64]), .r2_win_zero_o(r2_win_zero[8*l +: 8]),
				.r2_win_a_i(r2_win[63:0]), .r2_win_a_zero_i(r2_win_zero[7:0]),
				.r2_win_b_i(r2_win[64*Second +: 64]), .r2_win_b_zero_i(r2_win_zero[8*Second +: 8]),
				.e1_use_off_i(l == Last && e1_use_off), .e1_off_i(e1_off),
				.e1_use_time_i(l == Last && e1_use_time), .e1_time_i(time_i),
				.e1_a_o(e1_a[64*l +: 64]), .e1_b_o(e1_b[64*l +: 64]), .e1_carry_o(e1_carry[l]),
				.e2_use_rnd_i(l == Last && e2_is_rnd), .e2_rnd_i(rnd_next),
				.e2_none_i(l == Last && (e2_is_load || e2_is_mul || e2_is_sum || e2_is_adjust)),
				.e2_sum_o(e2_sum[64*l +: 64]), .e2_b_o(e2_b[64*l +: 64]),
				.e2_legal_o(e2_legal[l]), .e2_guard_o(e2_guard[l]), .e2_taken_o(e2_taken[l]), .e2_exit_o(e2_exit[l]),
				.e2_target_o(e2_target[13*l +: 13]), .e2_we_o(e2_lane_we[l]), .e2_dst_o(e2_dst[4*l +: 4]),
				.m3_result_o(m3_result[64*l +: 64])
			);
		end
	endgenerate

	// The last lane's memory side.
	wire        e2_is_store, e2_is_map, e2_is_div, e2_waits;
	wire        e2_is_rdir, e2_spec, e2_sign, e2_local_legal, e2_store, e2_div, e2_rnd;
	wire [2:0]  e1_width, e2_width;
	wire [63:0] m3_loaded, m3_product;
	wire        m2_no_mul, m2_w;
	wire        e1_head, e1_tail, e2_is_msel, e2_msel, e2_adjust, e2_fold;
	wire [7:0]  e1_selected;
	wire        m2_invalid, m2_access;
	wire [63:0] m2_sum;
	reg  [63:0] m3_other_q;

	assign r1_code[7*(Ports-1) +: 7] = r1_last_word[`F_c];
	assign cmd_thread_o = e2_thread;
	assign cmd_pc_o     = e2_pc;
	assign cmd_width_o  = e2_width[1:0];
	assign cmd_addr_o   = e2_sum[64*Last +: 64];
	assign cmd_b_o      = e2_b[64*Last +: 64];

	fp_command command (
		.clk_i(clk_i), .r1_cpu_i(r1_cpu), .r1_word_i(r1_last_word),
		.r1_front_i(r1_front), .r1_start_i(r1_start), .r1_end_i(r1_end), .r1_len_i(r1_len), .r1_ifindex_i(r1_ifindex), .r1_rxq_i(r1_rxq),
		.r1_c_none_o(r1_none[Ports-1]), .r2_c_i(r2_value[64*(Ports-1) +: 64]),
		.e1_use_off_o(e1_use_off), .e1_off_o(e1_off), .e1_use_time_o(e1_use_time), .e1_width_o(e1_width),
		.e1_head_o(e1_head), .e1_tail_o(e1_tail), .e1_selected_i(e1_selected),
		.e2_load_o(e2_is_load), .e2_store_o(e2_is_store), .e2_mul_o(e2_is_mul), .e2_rnd_o(e2_is_rnd), .e2_rdir_o(e2_is_rdir),
		.e2_msel_o(e2_is_msel), .e2_adjust_o(e2_is_adjust), .e2_sum_o(e2_is_sum), .e2_fold_o(e2_fold),
		.e2_map_o(e2_is_map), .e2_div_o(e2_is_div), .e2_wait_o(e2_waits),
		.e2_op_o(cmd_op_o), .e2_w_o(cmd_w_o), .e2_fetch_o(cmd_fetch_o), .e2_spec_o(e2_spec), .e2_sign_o(e2_sign),
		.e2_swap_o(cmd_swap_o), .e2_width_o(e2_width), .e2_map_index_o(cmd_map_o), .e2_c_o(cmd_c_o)
	);
	fp_local #(.Threads(Threads), .TW(TW)) memories (
		.clk_i(clk_i), .e1_front_i(e1_front), .e1_end_i(e1_end), .e1_width_i(e1_width),
		.e2_thread_i(e2_thread), .e2_addr_i(cmd_addr_o), .e2_value_i(cmd_b_o), .e2_width_i(e2_width),
		.e2_swap_i(cmd_swap_o), .e2_sign_i(e2_sign), .e2_load_i(e2_is_load), .e2_go_i(e2_store), .e2_legal_o(e2_local_legal),
		.m1_store_o(store_m1_o), .m1_thread_o(m1_thread), .m1_row_o(m1_row), .m1_row0_o(m1_row0),
		.m1_be_o(m1_be), .m1_wdata_o(m1_wdata), .m3_value_o(m3_loaded),
		.row_we_i(row_we_i), .row_thread_i(row_thread_i), .row_i(row_i), .row_data_i(row_data_i),
		.lm_req_i(lm_req_i), .lm_tag_i(lm_tag_i), .lm_thread_i(lm_thread_i), .lm_word_i(lm_word_i),
		.lm_data_o(lm_data_o)
	);
	fp_mul mul (
		.clk_i(clk_i), .e1_a_i(e1_a[64*Last +: 64]), .e1_b_i(e1_b[64*Last +: 64]), .m2_none_i(m2_no_mul), .m2_w_i(m2_w),
		.m3_product_o(m3_product)
	);
	fp_div #(.Threads(Threads), .TW(TW)) div (
		.clk_i(clk_i), .rst_i(rst_i), .put_i(e2_div), .put_thread_i(e2_thread), .put_op_i(cmd_op_o),
		.put_w_i(cmd_w_o), .put_a_i(cmd_addr_o), .put_b_i(cmd_b_o),
		.x_valid_o(dx_valid_o), .x_thread_o(dx_thread_o), .x_value_o(dx_value_o)
	);
	fp_rnd rnd (
		.clk_i(clk_i), .rst_i(rst_i), .spread_i(rnd_spread_i), .we_i(rnd_we_i), .state_i(rnd_i), .state_o(rnd_o), .step_i(e2_rnd),
		.next_o(rnd_next)
	);

	fp_adjust #(.TW(TW)) adjust (
		.clk_i(clk_i), .e1_head_i(e1_head), .e1_tail_i(e1_tail), .e1_by_i(e1_b[64*Last +: 32]),
		.e1_front_i(e1_front), .e1_start_i(e1_start), .e1_end_i(e1_end), .e2_is_adjust_i(e2_is_adjust), .e2_go_i(e2_adjust),
		.e2_thread_i(e2_thread),
		.m2_move_o(m2_move), .m2_thread_o(m2_thread), .m2_front_o(m2_front), .m2_start_o(m2_start), .m2_end_o(m2_end),
		.m2_invalid_o(m2_invalid), .m2_access_o(m2_access)
	);
	fp_sum sum (
		.clk_i(clk_i), .e1_a_i(e1_a[64*Last +: 64]), .e1_carry_i(e1_carry[Last]), .e2_is_sum_i(e2_is_sum), .e2_fold_i(e2_fold),
		.e2_sum_i(e2_sum[64*Last +: 64]), .m2_value_o(m2_sum)
	);
	always @(posedge clk_i) begin
		m3_other_q <= m2_sum;
		if (m2_invalid) m3_other_q <= Invalid;
		if (m2_access) m3_other_q <= Access;
	end

	// Each thread's selected map.
	ram_lut #(.Width(8), .Depth(Threads)) selected (
		.clk_i(clk_i), .we_i(e2_msel), .waddr_i(e2_thread), .wdata_i(e2_b[64*Last+48 +: 8]), .raddr_i(e1_thread), .rdata_o(e1_selected)
	);

	// End of the bundle.
	assign done_thread_o = e2_thread;
	assign target_o      = cmd_b_o[31:0];

	fp_resolve #(.Lanes(Lanes)) resolve (
		.valid_i(e2_valid), .pc_i(e2_pc), .legal_i(e2_legal), .guard_i(e2_guard), .taken_i(e2_taken), .exit_i(e2_exit),
		.target_i(e2_target), .ret_i(e2_lane_ret), .we_i(e2_lane_we),
		.map_fault_i(e2_map_fault), .map_fault_pc_i(e2_map_fault_pc), .map_fault_addr_i(e2_map_fault_addr),
		.region_i(!e2_local_legal && (e2_is_store || (e2_is_load && !e2_spec))), .region_addr_i(cmd_addr_o),
		.late_i(e2_late), .store_i(e2_is_store), .map_i(e2_is_map), .div_i(e2_is_div), .rnd_i(e2_is_rnd), .rdir_i(e2_is_rdir),
		.msel_i(e2_is_msel), .adjust_i(e2_is_adjust),
		.wait_i(e2_waits), .we_o(e2_we), .store_o(e2_store), .map_o(cmd_valid_o), .div_o(e2_div), .rnd_o(e2_rnd), .rdir_o(target_we_o),
		.msel_o(e2_msel), .adjust_o(e2_adjust),
		.ready_o(e2_ready), .next_pc_o(e2_next_pc), .done_o(done_valid_o), .ret_o(done_ret_o), .cause_o(done_cause_o),
		.fault_pc_o(done_pc_o), .fault_addr_o(done_addr_o)
	);

	// Write-back.
	delay #(.Width(5 * Lanes), .Stages(4)) we_to_wb (.clk_i(clk_i), .d_i({e2_we, e2_dst}), .q_o({wb_we, wb_dst}));
	delay #(.Width(2), .Stages(2)) mul_to_m2 (.clk_i(clk_i), .d_i({!e2_is_mul, cmd_w_o}), .q_o({m2_no_mul, m2_w}));

	generate
		for (l = 0; l < Lanes; l = l + 1) begin : g_wb
			// Of the last lane's results all but one are 0.
			wire [63:0] result = m3_result[64*l +: 64];
			reg  [63:0] value_q;

			always @(posedge clk_i) value_q <= l == Last ? result | m3_loaded | m3_other_q | m3_product : result;
			assign wb_value[64*l +: 64] = value_q;
		end
		if (Trace != 0) begin : g_trace
			fp_trace #(.Lanes(Lanes), .TW(TW)) trace (
				.clk_i(clk_i), .rst_i(rst_i), .e2_valid_i(e2_valid), .e2_thread_i(e2_thread), .e2_pc_i(e2_pc),
				.e2_next_pc_i(e2_next_pc), .e2_done_i(done_valid_o), .e2_ret_i(done_ret_o), .e2_cause_i(done_cause_o),
				.e2_store_i(e2_store), .e2_width_i(e2_width), .e2_swap_i(cmd_swap_o),
				.e2_command_i(cmd_valid_o || e2_div), .e2_op_i(cmd_op_o), .e2_addr_i(cmd_addr_o), .e2_b_i(cmd_b_o),
				.e2_c_i(cmd_c_o), .wb_we_i(wb_we), .wb_reg_i(wb_dst), .wb_value_i(wb_value),
				.rt_valid_o(rt_valid_o), .rt_thread_o(rt_thread_o), .rt_pc_o(rt_pc_o), .rt_next_pc_o(rt_next_pc_o),
				.rt_exit_o(rt_exit_o), .rt_cause_o(rt_cause_o), .rt_ret_o(rt_ret_o), .rt_reg_we_o(rt_reg_we_o),
				.rt_reg_o(rt_reg_o), .rt_value_o(rt_value_o), .rt_store_o(rt_store_o),
				.rt_store_width_o(rt_store_width_o), .rt_store_tag_offset_o(rt_store_tag_offset_o),
				.rt_store_value_o(rt_store_value_o), .rt_cmd_o(rt_cmd_o), .rt_cmd_addr_o(rt_cmd_addr_o),
				.rt_cmd_b_o(rt_cmd_b_o), .rt_cmd_c_o(rt_cmd_c_o)
			);
		end else begin : g_no_trace
			assign rt_valid_o       = 1'b0;
			assign rt_thread_o      = {TW{1'b0}};
			assign {rt_pc_o, rt_next_pc_o, rt_exit_o, rt_cause_o, rt_ret_o} = 67'd0;
			assign {rt_reg_we_o, rt_reg_o, rt_value_o} = {69*Lanes{1'b0}};
			assign {rt_store_o, rt_store_width_o, rt_store_tag_offset_o, rt_store_value_o} = 85'd0;
			assign {rt_cmd_o, rt_cmd_addr_o, rt_cmd_b_o, rt_cmd_c_o} = 200'd0;
		end
	endgenerate

	wire unused = &{1'b0, r2_win, r2_win_zero, e1_carry, number, e1_a, e1_b, e2_sum, e2_b};
endmodule

`default_nettype wire
