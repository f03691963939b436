// SPDX-License-Identifier: Apache-2.0
//
// A core with what is its own of the NIC: rows in, map commands, ended packets out.

`include "regs.vh"
`include "map_bus.vh"
`default_nettype none

module fp_tile #(
	parameter Lanes = 3,
	parameter Regs = 8,
	parameter Threads = 16,
	parameter ImemDepth = 4096,
	parameter Maps = 64,
	parameter Banks = 4,
	parameter MapLatency = 2,
	parameter Ports = 2,
	parameter Trace = 1,             // 0: no retire record
	parameter TW = Threads > 1 ? $clog2(Threads) : 1,
	parameter PW = Ports > 1 ? $clog2(Ports) : 1,
	parameter RW = 8 + 13 + 64 + (Trace != 0 ? 64 : 0),    // record: cause, pc, address, bundles and cycles
	parameter EW = 5 + 32 + 32 + 12 + 6 + 6 + RW + 1024    // entry of the out fifo
) (
	input  wire                clk_i,
	input  wire                rst_i,
	input  wire [3:0]          core_i,        // its number
	// host registers
	input  wire                report_i,
	input  wire [31:0]         watchdog_i,
	input  wire [13*Ports-1:0] entries_i,
	input  wire [3*Ports-1:0]  progs_i,
	input  wire [32*Ports-1:0] ifindexes_i,
	input  wire [63:0]         time_i,
	input  wire [31:0]         rnd_spread_i,
	input  wire                rnd_we_i,
	input  wire [31:0]         rnd_i,
	output wire [31:0]         rnd_o,
	input  wire                imem_we_i,
	input  wire [1:0]          imem_lane_i,
	input  wire [12:0]         imem_bundle_i,
	input  wire [63:0]         imem_data_i,
	// bus: a row for this tile; len and port count in the last one
	input  wire                bus_valid_i,
	input  wire                bus_last_i,
	input  wire [511:0]        bus_data_i,
	input  wire [4:0]          bus_place_i,
	input  wire [TW-1:0]       bus_thread_i,
	input  wire [11:0]         bus_len_i,
	input  wire [PW-1:0]       bus_port_i,
	output wire                left_o,
	// a packet's receive queue
	input  wire                meta_valid_i,
	input  wire [TW-1:0]       meta_thread_i,
	input  wire [7:0]          meta_queue_i,
	// order
	output reg                 done_o,
	output reg  [TW-1:0]       done_thread_o,
	input  wire                request_i,
	input  wire [TW-1:0]       request_thread_i,
	// egress: the out fifo's head
	output wire                out_valid_o,
	output wire                out_last_o,
	output wire [EW-1:0]       out_entry_o,   // first, last, rows, two, report, verdict, target, length, turn, bytes of metadata, record, data
	input  wire                out_pop_i,
	// map_system
	output wire [`MAP_ASK_BITS-1:0] ask_o,
	input  wire [`MAP_GNT_BITS-1:0] gnt_i,
	input  wire [`MAP_TELL_BITS(Banks)-1:0] tell_i,
	output wire [`MAP_GIVE_BITS-1:0] give_o,
	output wire                map_idle_o,
	// a posted map command is refused
	output wire                posted_fault_o,
	output wire [TW-1:0]       posted_thread_o,
	output wire [12:0]         posted_pc_o,
	output wire [63:0]         posted_addr_o,
	output wire [7:0]          events_o,      // by CNT_T_*
	// trace
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
	output wire                vx_valid_o,
	output wire [TW-1:0]       vx_thread_o,
	output wire [63:0]         vx_value_o,
	output wire                ex_valid_o,
	output wire [TW-1:0]       ex_thread_o,
	output wire [63:0]         ex_value_o,
	output wire                dx_valid_o,
	output wire [TW-1:0]       dx_thread_o,
	output wire [63:0]         dx_value_o
);
	// Rows and start.
	wire          row_we, start, store_m1, lm_req, rx_wait;
	wire [TW-1:0] row_thread, start_thread;
	wire [5:0]    row;
	wire [255:0]  row_data;
	wire [11:0]   start_len;
	wire [PW-1:0] start_port;
	wire [12:0]   start_entry;
	wire [2:0]    start_prog, cmd_prog;
	wire [31:0]   start_ifindex;

	wire [Threads-1:0] asked;
	pkt_write #(.Threads(Threads), .TW(TW), .PW(PW)) writer (
		.clk_i(clk_i), .rst_i(rst_i), .valid_i(bus_valid_i), .last_i(bus_last_i), .data_i(bus_data_i), .place_i(bus_place_i),
		.thread_i(bus_thread_i), .len_i(bus_len_i), .port_i(bus_port_i), .left_o(left_o),
		.busy_i(store_m1 || lm_req), .asked_i(asked), .write_o(row_we), .thread_o(row_thread), .row_o(row), .data_o(row_data),
		.start_o(start), .start_thread_o(start_thread), .len_o(start_len), .port_o(start_port), .wait_o(rx_wait)
	);
	mux #(.Width(13), .Count(Ports)) entry_mux (.sel_i(start_port), .in_i(entries_i), .out_o(start_entry));
	mux #(.Width(3), .Count(Ports)) prog_mux (.sel_i(start_port), .in_i(progs_i), .out_o(start_prog));
	mux #(.Width(32), .Count(Ports)) ifindex_mux (.sel_i(start_port), .in_i(ifindexes_i), .out_o(start_ifindex));

	// Core and its map commands.
	wire          vwake, ewake;
	wire [TW-1:0] vwake_thread, ewake_thread;
	wire          cmd_valid, cmd_w, cmd_fetch, cmd_swap, vrsp_valid, vrsp_we, vrsp_fault, ersp_valid, ersp_we, ersp_fault;
	wire [7:0]    cmd_op, cmd_map, lm_word;
	wire [1:0]    cmd_width;
	wire [TW-1:0] cmd_thread, lm_thread, place_thread;
	wire [12:0]   cmd_pc, vrsp_pc, ersp_pc, done_pc;
	wire [63:0]   cmd_addr, cmd_b, cmd_c, vrsp_addr, ersp_addr, lm_data, done_addr;
	wire [5:0]    cmd_count;
	wire [3:0]    lm_tag;
	wire [10:0]   map_front, send_front, send_start;
	wire [11:0]   map_end, send_end;
	wire          target_we, done_valid, issue, idle_cycle, stall, cmd_full, out_wait;
	wire [31:0]   target, done_ret, done_bundles, done_cycles;
	wire [TW-1:0] done_thread, w_thread, read_thread;
	wire [7:0]    done_cause;
	wire [5:0]    w_row, w_row0;
	wire [4:0]    read_row;
	wire [31:0]   w_be;
	wire [255:0]  w_data;
	wire [511:0]  read_data;

	assign vx_valid_o = vrsp_valid && vrsp_we;
	assign ex_valid_o = ersp_valid && ersp_we;
	assign events_o   = {posted_fault_o, out_wait, rx_wait, done_o, cmd_full, stall, idle_cycle, issue};

	fp_core #(
		.Lanes(Lanes), .Regs(Regs), .Threads(Threads), .ImemDepth(ImemDepth), .Trace(Trace)
	) core (
		.clk_i(clk_i), .rst_i(rst_i), .core_i(core_i), .watchdog_i(watchdog_i), .time_i(time_i),
		.rnd_spread_i(rnd_spread_i), .rnd_we_i(rnd_we_i), .rnd_i(rnd_i), .rnd_o(rnd_o),
		.imem_we_i(imem_we_i), .imem_lane_i(imem_lane_i), .imem_bundle_i(imem_bundle_i), .imem_data_i(imem_data_i),
		.start_i(start), .start_thread_i(start_thread), .start_entry_i(start_entry), .start_len_i(start_len),
		.start_ifindex_i(start_ifindex), .rxq_we_i(meta_valid_i), .rxq_thread_i(meta_thread_i), .rxq_i(meta_queue_i),
		.row_we_i(row_we), .row_thread_i(row_thread), .row_i(row), .row_data_i(row_data), .store_m1_o(store_m1),
		.w_thread_o(w_thread), .w_row_o(w_row), .w_row0_o(w_row0), .w_be_o(w_be), .w_data_o(w_data),
		.lm_req_i(lm_req), .lm_tag_i(lm_tag), .lm_thread_i(lm_thread), .lm_word_i(lm_word), .lm_data_o(lm_data),
		.map_thread_i(place_thread), .map_front_o(map_front), .map_end_o(map_end),
		.send_thread_i(read_thread), .send_front_o(send_front), .send_start_o(send_start), .send_end_o(send_end),
		.cmd_valid_o(cmd_valid), .cmd_op_o(cmd_op), .cmd_w_o(cmd_w), .cmd_fetch_o(cmd_fetch), .cmd_width_o(cmd_width),
		.cmd_swap_o(cmd_swap), .cmd_map_o(cmd_map), .cmd_thread_o(cmd_thread), .cmd_pc_o(cmd_pc),
		.cmd_addr_o(cmd_addr), .cmd_b_o(cmd_b), .cmd_c_o(cmd_c), .cmd_count_i(cmd_count),
		.vwake_i(vwake), .vwake_thread_i(vwake_thread), .ewake_i(ewake), .ewake_thread_i(ewake_thread),
		.vrsp_valid_i(vrsp_valid), .vrsp_thread_i(vx_thread_o), .vrsp_we_i(vrsp_we), .vrsp_value_i(vx_value_o),
		.vrsp_fault_i(vrsp_fault), .vrsp_pc_i(vrsp_pc), .vrsp_addr_i(vrsp_addr),
		.ersp_valid_i(ersp_valid), .ersp_thread_i(ex_thread_o), .ersp_we_i(ersp_we), .ersp_value_i(ex_value_o),
		.ersp_fault_i(ersp_fault), .ersp_pc_i(ersp_pc), .ersp_addr_i(ersp_addr),
		.target_we_o(target_we), .target_o(target),
		.done_valid_o(done_valid), .done_thread_o(done_thread), .done_ret_o(done_ret), .done_cause_o(done_cause),
		.done_pc_o(done_pc), .done_addr_o(done_addr), .done_bundles_o(done_bundles), .done_cycles_o(done_cycles),
		.issue_o(issue), .idle_cycle_o(idle_cycle), .stall_o(stall), .cmd_full_o(cmd_full),
		.rt_valid_o(rt_valid_o), .rt_thread_o(rt_thread_o), .rt_pc_o(rt_pc_o), .rt_next_pc_o(rt_next_pc_o),
		.rt_exit_o(rt_exit_o), .rt_cause_o(rt_cause_o), .rt_ret_o(rt_ret_o), .rt_reg_we_o(rt_reg_we_o),
		.rt_reg_o(rt_reg_o), .rt_value_o(rt_value_o), .rt_store_o(rt_store_o), .rt_store_width_o(rt_store_width_o),
		.rt_store_tag_offset_o(rt_store_tag_offset_o), .rt_store_value_o(rt_store_value_o), .rt_cmd_o(rt_cmd_o),
		.rt_cmd_addr_o(rt_cmd_addr_o), .rt_cmd_b_o(rt_cmd_b_o), .rt_cmd_c_o(rt_cmd_c_o),
		.dx_valid_o(dx_valid_o), .dx_thread_o(dx_thread_o), .dx_value_o(dx_value_o)
	);

	// The program of a context's packet goes with its commands.
	ram_lut #(.Width(3), .Depth(Threads)) programs (
		.clk_i(clk_i), .we_i(start), .waddr_i(start_thread), .wdata_i(start_prog), .raddr_i(cmd_thread), .rdata_o(cmd_prog)
	);
	map_issue #(.Threads(Threads), .Maps(Maps), .Banks(Banks), .Latency(MapLatency)) maps (
		.clk_i(clk_i), .rst_i(rst_i),
		.cmd_valid_i(cmd_valid), .cmd_op_i(cmd_op), .cmd_w_i(cmd_w), .cmd_fetch_i(cmd_fetch), .cmd_width_i(cmd_width),
		.cmd_swap_i(cmd_swap), .cmd_map_i(cmd_map), .cmd_thread_i(cmd_thread), .cmd_pc_i(cmd_pc), .cmd_prog_i(cmd_prog),
		.cmd_addr_i(cmd_addr), .cmd_b_i(cmd_b), .cmd_c_i(cmd_c), .cmd_count_o(cmd_count),
		.vwake_o(vwake), .vwake_thread_o(vwake_thread), .ewake_o(ewake), .ewake_thread_o(ewake_thread),
		.vrsp_valid_o(vrsp_valid), .vrsp_thread_o(vx_thread_o), .vrsp_we_o(vrsp_we), .vrsp_value_o(vx_value_o),
		.vrsp_fault_o(vrsp_fault), .vrsp_pc_o(vrsp_pc), .vrsp_addr_o(vrsp_addr),
		.ersp_valid_o(ersp_valid), .ersp_thread_o(ex_thread_o), .ersp_we_o(ersp_we), .ersp_value_o(ex_value_o),
		.ersp_fault_o(ersp_fault), .ersp_pc_o(ersp_pc), .ersp_addr_o(ersp_addr),
		.posted_fault_o(posted_fault_o), .posted_thread_o(posted_thread_o), .posted_pc_o(posted_pc_o),
		.posted_addr_o(posted_addr_o),
		// The receiver gives way, so that a read is granted at once.
		.lm_req_o(lm_req), .lm_tag_o(lm_tag), .lm_thread_o(lm_thread), .lm_word_o(lm_word), .lm_gnt_i(1'b1), .lm_data_i(lm_data),
		.place_thread_o(place_thread), .front_i({1'b0, map_front}), .end_i(map_end), .ask_o(ask_o), .gnt_i(gnt_i), .tell_i(tell_i),
		.give_o(give_o), .idle_o(map_idle_o)
	);

	// Ended packets.
	reg  [31:0]   done_ret_q;
	reg  [RW-1:0] done_record_q;
	wire [148:0]  record = {done_bundles, done_cycles, done_cause, done_pc, done_addr};

	always @(posedge clk_i) begin
		done_thread_o <= done_thread;
		done_ret_q    <= done_ret;
		done_record_q <= record[RW-1:0];
		done_o        <= done_valid && !rst_i;
	end

	pkt_copy #(.Threads(Threads), .TW(TW)) copy (
		.clk_i(clk_i), .w_thread_i(w_thread), .w_row_i(w_row), .w_row0_i(w_row0), .w_be_i(w_be), .w_data_i(w_data),
		.r_thread_i(read_thread), .r_row_i(read_row), .r_data_o(read_data)
	);
	wire          first, rows, two, reported;
	wire [31:0]   ret, target_out;
	wire [11:0]   len;
	wire [5:0]    turn, meta_len;
	wire [RW-1:0] sent_record;
	wire [1023:0] data;

	assign out_entry_o = {first, out_last_o, rows, two, reported, ret, target_out, len, turn, meta_len, sent_record, data};
	pkt_send #(.Threads(Threads), .TW(TW), .RW(RW)) sender (
		.clk_i(clk_i), .rst_i(rst_i), .report_i(report_i),
		.start_i(start), .start_thread_i(start_thread), .front_i(send_front), .start_at_i(send_start), .end_i(send_end),
		.target_we_i(target_we), .target_thread_i(done_thread), .target_i(target),
		.done_i(done_o), .done_thread_i(done_thread_o), .done_ret_i(done_ret_q), .done_record_i(done_record_q),
		.request_i(request_i), .request_thread_i(request_thread_i), .asked_o(asked),
		.read_thread_o(read_thread), .read_row_o(read_row), .read_data_i(read_data),
		.valid_o(out_valid_o), .first_o(first), .last_o(out_last_o), .rows_o(rows), .two_o(two), .report_o(reported), .data_o(data),
		.ret_o(ret), .target_o(target_out), .len_o(len), .turn_o(turn), .meta_len_o(meta_len), .record_o(sent_record), .pop_i(out_pop_i),
		.wait_o(out_wait)
	);

	wire unused = &{1'b0, record};
endmodule

`default_nettype wire
