// SPDX-License-Identifier: Apache-2.0
//
// State of the contexts and the scheduler: issues the first ready thread after the last one issued, cyclically.

`include "regs.vh"
`default_nettype none

module fp_sched #(
	parameter Threads = 16,
	parameter TW = 4
) (
	input  wire               clk_i,
	input  wire               rst_i,
	// a packet begins and ends
	input  wire               start_i,
	input  wire [TW-1:0]      start_thread_i,
	input  wire               done_i,
	input  wire [TW-1:0]      done_thread_i,
	// what makes a thread ready: the end of its bundle, or an answer it waited for
	input  wire               end_i,
	input  wire [TW-1:0]      end_thread_i,
	input  wire               value_i,
	input  wire [TW-1:0]      value_thread_i,
	input  wire               engine_i,
	input  wire [TW-1:0]      engine_thread_i,
	input  wire               div_i,
	input  wire [TW-1:0]      div_thread_i,
	// issue
	input  wire [5:0]         cmd_count_i,
	output wire               s_valid_o,
	output wire [TW-1:0]      s_thread_o,
	// counting pulses
	output wire               idle_cycle_o,
	output wire               stall_o,
	output wire               cmd_full_o
);
	localparam [5:0] CountMax = `NIC_CMD_FIFO - `NIC_CMD_RESERVE;
	localparam [Threads-1:0] None = {Threads{1'b0}};

	reg [Threads-1:0] ready_q, ready_d, idle_q, idle_d;
	reg [Threads-1:0] after_q, after_d;  // threads after the last one issued

	wire               room  = cmd_count_i <= CountMax;
	wire [Threads-1:0] later = ready_q & after_q;
	wire               wrap  = later == None;
	reg  [Threads-1:0] above_first, above_later;   // threads above the lowest one of these
	wire [Threads-1:0] pick = wrap ? ready_q & ~above_first : later & ~above_later;
	wire [Threads-1:0] start, finish, ended, value, engine, div;

	hot #(.Count(Threads), .NW(TW)) start_set (.valid_i(start_i), .number_i(start_thread_i), .hot_o(start));
	hot #(.Count(Threads), .NW(TW)) finish_set (.valid_i(done_i), .number_i(done_thread_i), .hot_o(finish));
	hot #(.Count(Threads), .NW(TW)) ended_set (.valid_i(end_i), .number_i(end_thread_i), .hot_o(ended));
	hot #(.Count(Threads), .NW(TW)) value_set (.valid_i(value_i), .number_i(value_thread_i), .hot_o(value));
	hot #(.Count(Threads), .NW(TW)) engine_set (.valid_i(engine_i), .number_i(engine_thread_i), .hot_o(engine));
	hot #(.Count(Threads), .NW(TW)) div_set (.valid_i(div_i), .number_i(div_thread_i), .hot_o(div));

`ifdef VERILATOR
	// The same by a carry, which is faster in a simulator.
	always @(*) begin
		above_first = ready_q ^ (None - ready_q);
		above_later = later ^ (None - later);
	end
`else
	integer i;
	always @(*) begin
		above_first = ready_q << 1;
		above_later = later << 1;
		for (i = 1; i < Threads; i = i * 2) begin
			above_first = above_first | above_first << i;
			above_later = above_later | above_later << i;
		end
	end
`endif

	// A bit of the index is set by the threads whose number has it.
	wire [TW-1:0] index;
	genvar g;
	generate
		for (g = 0; g < TW; g = g + 1) begin : g_index
			localparam [Threads-1:0] Having = {Threads >> (g + 1){{1 << g{1'b1}}, {1 << g{1'b0}}}};
			assign index[g] = (pick & Having) != None;
		end
	endgenerate

	assign s_valid_o    = ready_q != None && room;
	assign s_thread_o   = index;
	assign idle_cycle_o = &idle_q;
	assign stall_o      = !idle_cycle_o && ready_q == None;
	assign cmd_full_o   = ready_q != None && !room;

	always @(*) begin
		ready_d = (s_valid_o ? ready_q & ~pick : ready_q)
			| start | ended | value | engine | div;
		after_d = !s_valid_o ? after_q : wrap ? above_first : above_later;
		idle_d  = (idle_q & ~start) | finish;
	end

	always @(posedge clk_i) begin
		if (rst_i) begin
			ready_q <= None;
			after_q <= None;
			idle_q  <= ~None;
		end else begin
			ready_q <= ready_d;
			after_q <= after_d;
			idle_q  <= idle_d;
		end
	end

`ifndef SYNTHESIS
	always @(posedge clk_i) if (!rst_i) begin
		if (|(ready_q & idle_q)) $display("fp_sched: a context without a packet is ready");
		if (end_i && ready_q[end_thread_i]) $display("fp_sched: a thread that is ready ends a bundle");
		if (start_i && !idle_q[start_thread_i]) $display("fp_sched: a context in use is taken again");
		if (done_i && idle_q[done_thread_i]) $display("fp_sched: a packet ends twice");
	end
`endif
endmodule

`default_nettype wire
