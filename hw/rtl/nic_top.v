// SPDX-License-Identifier: Apache-2.0
//
// The NIC: receiver, flow processor core, map unit, sender and host registers.

`include "regs.vh"
`default_nettype none

module nic_top #(
	parameter Lanes = 3,
	parameter Regs = 8,
	parameter Threads = 16,
	parameter ImemDepth = 4096,
	parameter MapWords = 65536,
	parameter MapLatency = `NIC_MAP_LATENCY,
	parameter Maps = 64,
	parameter Trace = 1,             // 0: no retire record
	parameter TW = Threads > 1 ? $clog2(Threads) : 1
) (
	input  wire                clk_i,
	input  wire                rst_i,
	// host: one request a cycle, read data two cycles later
	input  wire                host_valid_i,
	input  wire                host_we_i,
	input  wire [23:0]         host_addr_i,
	input  wire [31:0]         host_wdata_i,
	output wire [31:0]         host_rdata_o,
	// receive port
	input  wire                rx_valid_i,
	output wire                rx_ready_o,
	input  wire [255:0]        rx_data_i,
	input  wire                rx_last_i,
	input  wire [5:0]          rx_bytes_i,    // of the last beat
	// transmit port
	output wire                tx_valid_o,
	input  wire                tx_ready_i,
	output wire [255:0]        tx_data_o,
	output wire                tx_last_o,
	output wire [5:0]          tx_bytes_o,
	output wire [31:0]         tx_number_o,
	// completion record
	output wire                cpl_valid_o,
	output wire [31:0]         cpl_number_o,
	output wire [TW-1:0]       cpl_thread_o,
	output wire [31:0]         cpl_ret_o,
	output wire [11:0]         cpl_len_o,
	output wire [7:0]          cpl_cause_o,
	output wire [12:0]         cpl_pc_o,
	output wire [63:0]         cpl_addr_o,
	output wire [31:0]         cpl_bundles_o,
	output wire [31:0]         cpl_cycles_o,
	// trace: retired bundles
	output wire                rt_valid_o,
	output wire [TW-1:0]       rt_thread_o,
	output wire [12:0]         rt_pc_o,
	output wire [12:0]         rt_next_pc_o,
	output wire                rt_exit_o,
	output wire [7:0]          rt_cause_o,
	output wire [31:0]         rt_ret_o,
	output wire [Lanes-1:0]    rt_reg_we_o,
	output wire [Lanes*4-1:0]  rt_reg_o,
	output wire [Lanes*64-1:0] rt_value_o,
	output wire                rt_store_o,
	output wire [3:0]          rt_store_width_o,
	output wire [15:0]         rt_store_tag_offset_o,
	output wire [63:0]         rt_store_value_o,
	output wire [7:0]          rt_cmd_o,
	output wire [63:0]         rt_cmd_addr_o,
	output wire [63:0]         rt_cmd_b_o,
	output wire [63:0]         rt_cmd_c_o,
	// trace: x written by value unit, engine, division
	output wire                vx_valid_o,
	output wire [TW-1:0]       vx_thread_o,
	output wire [63:0]         vx_value_o,
	output wire                ex_valid_o,
	output wire [TW-1:0]       ex_thread_o,
	output wire [63:0]         ex_value_o,
	output wire                dx_valid_o,
	output wire [TW-1:0]       dx_thread_o,
	output wire [63:0]         dx_value_o,
	// trace: map memory written by value unit or engine
	output wire                mw_valid_o,
	output wire [31:0]         mw_addr_o,
	output wire [7:0]          mw_mask_o,
	output wire                mw_engine_o,
	output wire [63:0]         mw_value_o
);
	localparam Counters = `REG_COUNTER_COUNT;

	wire                run, report, rnd_we, imem_we, idle, map_idle;
	wire [7:0]          threads;
	wire [12:0]         entry, imem_bundle;
	wire [31:0]         watchdog, ifindex, rxq, rnd_set, rnd;
	wire [63:0]         now, imem_data;
	wire [1:0]          imem_lane;

	wire [Threads-1:0]  ctx_idle;
	wire                alloc, start, drop, free, store_m1;
	wire [TW-1:0]       rx_thread, free_thread;
	wire [11:0]         start_len;

	wire                rx_write, tx_read;
	wire [TW-1:0]       rx_write_thread, tx_read_thread;
	wire [5:0]          rx_row, tx_row;
	wire [255:0]        row_rdata;

	wire                lm_req;
	wire [3:0]          lm_tag;
	wire [TW-1:0]       lm_thread, lenq_thread;
	wire [7:0]          lm_word;
	wire [63:0]         lm_data;
	wire [11:0]         lenq;

	wire                cmd_valid, cmd_w, cmd_fetch, cmd_swap;
	wire [7:0]          cmd_op, cmd_map;
	wire [1:0]          cmd_width;
	wire [TW-1:0]       cmd_thread;
	wire [12:0]         cmd_pc;
	wire [63:0]         cmd_addr, cmd_b, cmd_c;
	wire [5:0]          cmd_count;

	wire                vrsp_valid, vrsp_fault, ersp_valid, ersp_fault;
	wire [12:0]         vrsp_pc, ersp_pc;
	wire [63:0]         vrsp_addr, ersp_addr;

	wire                posted_fault;
	wire [TW-1:0]       posted_thread;
	wire [12:0]         posted_pc;
	wire [63:0]         posted_addr;

	wire                done_valid;
	wire [TW-1:0]       done_thread;
	wire [31:0]         done_ret, done_bundles, done_cycles;
	wire [7:0]          done_cause;
	wire [12:0]         done_pc;
	wire [63:0]         done_addr;
	wire [11:0]         done_len;
	wire                issue, idle_cycle, stall, cmd_full;

	wire [TW-1:0]       number_thread;
	wire [31:0]         number;
	wire                sent;
	wire [11:0]         sent_len;

	wire                host_mem, host_mem_we, host_desc_we, host_state_we;
	wire [28:0]         host_mem_word;
	wire [63:0]         host_mem_wdata, host_mem_rdata;
	wire [7:0]          host_map;
	wire [2:0]          host_word;
	wire [31:0]         host_desc, host_state;

	assign idle = ctx_idle == {Threads{1'b1}} && map_idle;

	fp_core #(
		.Lanes(Lanes), .Regs(Regs), .Threads(Threads), .ImemDepth(ImemDepth), .Trace(Trace)
	) core (
		.clk_i(clk_i), .rst_i(rst_i),
		.entry_i(entry), .watchdog_i(watchdog), .ifindex_i(ifindex), .rxq_i(rxq), .time_i(now),
		.rnd_we_i(rnd_we), .rnd_i(rnd_set), .rnd_o(rnd),
		.imem_we_i(imem_we), .imem_lane_i(imem_lane), .imem_bundle_i(imem_bundle), .imem_data_i(imem_data),
		.idle_o(ctx_idle), .alloc_i(alloc), .alloc_thread_i(rx_thread),
		.start_i(start), .start_thread_i(rx_thread), .start_len_i(start_len),
		.free_i(free), .free_thread_i(free_thread), .drop_i(drop), .drop_thread_i(rx_thread),
		// Port B: the map engine's reads go before the sender's, those before the receiver.
		.pb_en_i(tx_read || rx_write), .pb_we_i(!tx_read),
		.pb_thread_i(tx_read ? tx_read_thread : rx_write_thread), .pb_row_i(tx_read ? tx_row : rx_row),
		.pb_wdata_i(rx_data_i), .pb_rdata_o(row_rdata), .store_m1_o(store_m1),
		.lm_req_i(lm_req), .lm_tag_i(lm_tag), .lm_thread_i(lm_thread), .lm_word_i(lm_word), .lm_data_o(lm_data),
		.lenq_thread_i(lenq_thread), .lenq_o(lenq),
		.cmd_valid_o(cmd_valid), .cmd_op_o(cmd_op), .cmd_w_o(cmd_w), .cmd_fetch_o(cmd_fetch), .cmd_width_o(cmd_width),
		.cmd_swap_o(cmd_swap), .cmd_map_o(cmd_map), .cmd_thread_o(cmd_thread), .cmd_pc_o(cmd_pc),
		.cmd_addr_o(cmd_addr), .cmd_b_o(cmd_b), .cmd_c_o(cmd_c), .cmd_count_i(cmd_count),
		.vrsp_valid_i(vrsp_valid), .vrsp_thread_i(vx_thread_o), .vrsp_we_i(vx_valid_o), .vrsp_value_i(vx_value_o),
		.vrsp_fault_i(vrsp_fault), .vrsp_pc_i(vrsp_pc), .vrsp_addr_i(vrsp_addr),
		.ersp_valid_i(ersp_valid), .ersp_thread_i(ex_thread_o), .ersp_we_i(ex_valid_o), .ersp_value_i(ex_value_o),
		.ersp_fault_i(ersp_fault), .ersp_pc_i(ersp_pc), .ersp_addr_i(ersp_addr),
		.done_valid_o(done_valid), .done_thread_o(done_thread), .done_ret_o(done_ret), .done_cause_o(done_cause),
		.done_pc_o(done_pc), .done_addr_o(done_addr), .done_bundles_o(done_bundles), .done_cycles_o(done_cycles),
		.done_len_o(done_len),
		.issue_o(issue), .idle_cycle_o(idle_cycle), .stall_o(stall), .cmd_full_o(cmd_full),
		.rt_valid_o(rt_valid_o), .rt_thread_o(rt_thread_o), .rt_pc_o(rt_pc_o), .rt_next_pc_o(rt_next_pc_o),
		.rt_exit_o(rt_exit_o), .rt_cause_o(rt_cause_o), .rt_ret_o(rt_ret_o), .rt_reg_we_o(rt_reg_we_o),
		.rt_reg_o(rt_reg_o), .rt_value_o(rt_value_o), .rt_store_o(rt_store_o), .rt_store_width_o(rt_store_width_o),
		.rt_store_tag_offset_o(rt_store_tag_offset_o), .rt_store_value_o(rt_store_value_o), .rt_cmd_o(rt_cmd_o),
		.rt_cmd_addr_o(rt_cmd_addr_o), .rt_cmd_b_o(rt_cmd_b_o), .rt_cmd_c_o(rt_cmd_c_o),
		.dx_valid_o(dx_valid_o), .dx_thread_o(dx_thread_o), .dx_value_o(dx_value_o)
	);

	map_unit #(.Threads(Threads), .Maps(Maps), .Words(MapWords), .Latency(MapLatency)) map (
		.clk_i(clk_i), .rst_i(rst_i),
		.cmd_valid_i(cmd_valid), .cmd_op_i(cmd_op), .cmd_w_i(cmd_w), .cmd_fetch_i(cmd_fetch), .cmd_width_i(cmd_width),
		.cmd_swap_i(cmd_swap), .cmd_map_i(cmd_map), .cmd_thread_i(cmd_thread), .cmd_pc_i(cmd_pc),
		.cmd_addr_i(cmd_addr), .cmd_b_i(cmd_b), .cmd_c_i(cmd_c), .cmd_count_o(cmd_count),
		.vrsp_valid_o(vrsp_valid), .vrsp_thread_o(vx_thread_o), .vrsp_we_o(vx_valid_o), .vrsp_value_o(vx_value_o),
		.vrsp_fault_o(vrsp_fault), .vrsp_pc_o(vrsp_pc), .vrsp_addr_o(vrsp_addr),
		.ersp_valid_o(ersp_valid), .ersp_thread_o(ex_thread_o), .ersp_we_o(ex_valid_o), .ersp_value_o(ex_value_o),
		.ersp_fault_o(ersp_fault), .ersp_pc_o(ersp_pc), .ersp_addr_o(ersp_addr),
		.posted_fault_o(posted_fault), .posted_thread_o(posted_thread), .posted_pc_o(posted_pc), .posted_addr_o(posted_addr),
		.lm_req_o(lm_req), .lm_tag_o(lm_tag), .lm_thread_o(lm_thread), .lm_word_o(lm_word), .lm_data_i(lm_data),
		.lenq_thread_o(lenq_thread), .lenq_i(lenq), .idle_o(map_idle),
		.host_mem_i(host_mem), .host_mem_we_i(host_mem_we), .host_mem_word_i(host_mem_word),
		.host_mem_wdata_i(host_mem_wdata), .host_mem_rdata_o(host_mem_rdata),
		.host_map_i(host_map), .host_word_i(host_word), .host_wdata_i(host_wdata_i),
		.host_desc_we_i(host_desc_we), .host_state_we_i(host_state_we), .host_desc_o(host_desc), .host_state_o(host_state),
		.mw_valid_o(mw_valid_o), .mw_addr_o(mw_addr_o), .mw_mask_o(mw_mask_o), .mw_engine_o(mw_engine_o),
		.mw_value_o(mw_value_o)
	);

	pkt_rx #(.Threads(Threads)) receiver (
		.clk_i(clk_i), .rst_i(rst_i), .run_i(run), .threads_i(threads),
		.rx_valid_i(rx_valid_i), .rx_ready_o(rx_ready_o), .rx_last_i(rx_last_i), .rx_bytes_i(rx_bytes_i),
		.port_busy_i(store_m1 || lm_req || tx_read),
		.write_o(rx_write), .write_thread_o(rx_write_thread), .write_row_o(rx_row),
		.idle_i(ctx_idle), .alloc_o(alloc), .start_o(start), .drop_o(drop), .thread_o(rx_thread), .start_len_o(start_len),
		.number_thread_i(number_thread), .number_o(number)
	);

	pkt_tx #(.Threads(Threads)) sender (
		.clk_i(clk_i), .rst_i(rst_i), .report_i(report),
		.done_valid_i(done_valid), .done_thread_i(done_thread), .done_ret_i(done_ret), .done_cause_i(done_cause),
		.done_pc_i(done_pc), .done_addr_i(done_addr), .done_bundles_i(done_bundles), .done_cycles_i(done_cycles),
		.done_len_i(done_len), .number_thread_o(number_thread), .number_i(number),
		.cpl_valid_o(cpl_valid_o), .cpl_number_o(cpl_number_o), .cpl_thread_o(cpl_thread_o), .cpl_ret_o(cpl_ret_o),
		.cpl_len_o(cpl_len_o), .cpl_cause_o(cpl_cause_o), .cpl_pc_o(cpl_pc_o), .cpl_addr_o(cpl_addr_o),
		.cpl_bundles_o(cpl_bundles_o), .cpl_cycles_o(cpl_cycles_o),
		.port_busy_i(lm_req), .read_o(tx_read), .read_thread_o(tx_read_thread), .read_row_o(tx_row), .rdata_i(row_rdata),
		.free_o(free), .free_thread_o(free_thread), .sent_o(sent), .sent_len_o(sent_len),
		.tx_valid_o(tx_valid_o), .tx_ready_i(tx_ready_i), .tx_data_o(tx_data_o), .tx_last_o(tx_last_o),
		.tx_bytes_o(tx_bytes_o), .tx_number_o(tx_number_o)
	);

	// Counting events by counter index.
	reg [Counters-1:0] events;
	reg [4:0]          verdict_index, fault_index;
	localparam [4:0]   VerdictBase = `NIC_CNT_VERDICT, FaultBase = `NIC_CNT_FAULT;
	localparam [31:0]  VerdictLast = 32'd4;
	always @(*) begin
		verdict_index = VerdictBase + (cpl_ret_o > VerdictLast ? 5'd0 : cpl_ret_o[4:0]);
		fault_index   = FaultBase + cpl_cause_o[4:0] - 5'd1;
		events = {Counters{1'b0}};
		events[`NIC_CNT_CYCLES]       = 1'b1;
		events[`NIC_CNT_RX]           = start;
		events[`NIC_CNT_RX_BYTES]     = start;
		events[`NIC_CNT_OVERSIZE]     = drop;
		events[`NIC_CNT_POSTED_FAULT] = posted_fault;
		events[`NIC_CNT_BUNDLES]      = issue;
		events[`NIC_CNT_IDLE]         = idle_cycle;
		events[`NIC_CNT_STALL]        = stall;
		events[`NIC_CNT_CMD_FULL]     = cmd_full;
		events[`NIC_CNT_TX]           = sent;
		events[`NIC_CNT_TX_BYTES]     = sent;
		if (cpl_valid_o) events[verdict_index] = 1'b1;
		if (cpl_valid_o && cpl_cause_o != `CAUSE_NONE) events[fault_index] = 1'b1;
	end

	csr_regs #(
		.Lanes(Lanes), .Regs(Regs), .Threads(Threads), .ImemDepth(ImemDepth), .MapWords(MapWords), .Latency(MapLatency),
		.Maps(Maps), .Counters(Counters)
	) registers (
		.clk_i(clk_i), .rst_i(rst_i),
		.host_valid_i(host_valid_i), .host_we_i(host_we_i), .host_addr_i(host_addr_i), .host_wdata_i(host_wdata_i),
		.host_rdata_o(host_rdata_o),
		.idle_i(idle), .run_o(run), .report_o(report), .threads_o(threads), .entry_o(entry), .watchdog_o(watchdog),
		.ifindex_o(ifindex), .rxq_o(rxq), .time_o(now), .rnd_we_o(rnd_we), .rnd_o(rnd_set), .rnd_i(rnd),
		.done_fault_i(done_valid && done_cause != `CAUSE_NONE), .done_cause_i(done_cause), .done_thread_i(done_thread),
		.done_pc_i(done_pc), .done_addr_i(done_addr),
		.posted_fault_i(posted_fault), .posted_thread_i(posted_thread), .posted_pc_i(posted_pc), .posted_addr_i(posted_addr),
		.event_i(events), .rx_bytes_i(start_len), .tx_bytes_i(sent_len),
		.imem_we_o(imem_we), .imem_lane_o(imem_lane), .imem_bundle_o(imem_bundle), .imem_data_o(imem_data),
		.mem_o(host_mem), .mem_we_o(host_mem_we), .mem_word_o(host_mem_word), .mem_wdata_o(host_mem_wdata),
		.mem_rdata_i(host_mem_rdata),
		.map_o(host_map), .map_word_o(host_word), .desc_we_o(host_desc_we), .state_we_o(host_state_we),
		.desc_i(host_desc), .state_i(host_state)
	);
endmodule

`default_nettype wire
