// SPDX-License-Identifier: Apache-2.0
//
// fp_sched: never are two bundles of one thread in flight. The pipeline is a model: a bundle reaches E2 seven clocks after its issue,
// and there it ends in any of the three ways it can: its thread goes on, waits, or has ended its packet. Whoever answers a waiting
// thread, takes a context or gives it back does so at any time. Also: the thread issued is the first ready one after the last one,
// and nothing is issued when the command queue has no room.
//@ sources: hw/rtl/core/fp_sched.v
//@ bound: 12
//@ induction: 2
//@ break: hw/rtl/core/fp_sched.v: s/s_valid_o ? ready_q & ~pick/s_valid_o ? ready_q/
//@ break: hw/rtl/core/fp_sched.v: s/wrap ? above_first : above_later/above_later/
//@ break: hw/rtl/core/fp_sched.v: s/idle_q & ~start/idle_q/
//@ break: hw/rtl/core/fp_sched.v: s/cmd_count_i <= CountMax/cmd_count_i <= CountMax + 6'd1/

`include "regs.vh"
`default_nettype none

module fp_sched_proof (
	input wire       clk_i,
	input wire       rst_i,
	input wire       start_i, value_i, engine_i, div_i,
	input wire [1:0] start_thread_i, value_thread_i, engine_thread_i, div_thread_i,
	input wire [5:0] cmd_count_i,
	input wire [1:0] outcome_i      // of the bundle in E2
);
	localparam Threads = 4, Stages = 7;
	localparam [1:0] Idle = 0, Ready = 1, Flight = 2, Waits = 3;
	localparam [1:0] GoesOn = 0, Suspends = 1;

	wire       s_valid, idle_cycle, stall, cmd_full;
	wire [1:0] s_thread;

	// What is in F1 .. E2, and what each thread does.
	reg [Stages-1:0]   valid_q;
	reg [2*Stages-1:0] thread_q;
	reg [1:0]          state_q [0:Threads-1];
	reg [1:0]          last_q;
	reg                started_q = 0;
	wire               e2_valid  = valid_q[Stages-1];
	wire [1:0]         e2_thread = thread_q[2*Stages-1 -: 2];
	wire               ends      = e2_valid && outcome_i == GoesOn;
	wire               done      = e2_valid && outcome_i != GoesOn && outcome_i != Suspends;

	fp_sched #(.Threads(Threads), .TW(2)) dut (
		.clk_i(clk_i), .rst_i(rst_i), .start_i(start_i), .start_thread_i(start_thread_i), .done_i(done), .done_thread_i(e2_thread),
		.end_i(ends), .end_thread_i(e2_thread), .value_i(value_i), .value_thread_i(value_thread_i), .engine_i(engine_i),
		.engine_thread_i(engine_thread_i), .div_i(div_i), .div_thread_i(div_thread_i), .cmd_count_i(cmd_count_i), .s_valid_o(s_valid),
		.s_thread_o(s_thread), .idle_cycle_o(idle_cycle), .stall_o(stall), .cmd_full_o(cmd_full)
	);

	integer t;

	always @(posedge clk_i) begin
		started_q <= 1;
		thread_q  <= {thread_q[2*Stages-3:0], s_thread};
		if (rst_i) begin
			valid_q <= 0;
			last_q  <= Threads - 1;
			for (t = 0; t < Threads; t = t + 1) state_q[t] <= Idle;
		end else begin
			valid_q <= {valid_q[Stages-2:0], s_valid};
			if (s_valid) last_q <= s_thread;
			for (t = 0; t < Threads; t = t + 1) begin
				if (start_i && start_thread_i == t) state_q[t] <= Ready;
				if (value_i && value_thread_i == t) state_q[t] <= Ready;
				if (engine_i && engine_thread_i == t) state_q[t] <= Ready;
				if (div_i && div_thread_i == t) state_q[t] <= Ready;
				if (s_valid && s_thread == t) state_q[t] <= Flight;
				if (e2_valid && e2_thread == t) state_q[t] <= ends ? Ready : done ? Idle : Waits;
			end
		end
	end

	(* hierconn *) wire [3:0] \dut.ready_q , \dut.after_q , \dut.idle_q ;
	wire [3:0] ready = \dut.ready_q ;
	wire [3:0] idle  = \dut.idle_q ;
	reg  [3:0] flying;
	integer    i;

	always @(*) begin
		assume(started_q || rst_i);
		assume(!start_i || state_q[start_thread_i] == Idle);
		assume(!value_i || state_q[value_thread_i] == Waits);
		assume(!engine_i || (state_q[engine_thread_i] == Waits && !(value_i && value_thread_i == engine_thread_i)));
		assume(!div_i || state_q[div_thread_i] == Waits);
		assume(!div_i || !(value_i && value_thread_i == div_thread_i));
		assume(!div_i || !(engine_i && engine_thread_i == div_thread_i));
	end

	always @(*) if (started_q) begin
		if (s_valid) assert(state_q[s_thread] == Ready);
		flying = 4'd0;
		for (i = 0; i < Stages; i = i + 1)
			if (valid_q[i]) begin
				assert(!flying[thread_q[2*i +: 2]]);     // two bundles of one thread
				flying[thread_q[2*i +: 2]] = 1'b1;
			end
		for (i = 0; i < Threads; i = i + 1) begin
			assert(ready[i] == (state_q[i] == Ready));
			assert(idle[i] == (state_q[i] == Idle));
			assert(flying[i] == (state_q[i] == Flight));
			assert(\dut.after_q [i] == (i > last_q));
		end
		if (cmd_count_i > `NIC_CMD_FIFO - `NIC_CMD_RESERVE) assert(!s_valid);
		else assert(s_valid == (ready != 0));
		// No ready thread was passed over: last_q < i < s_thread, cyclically.
		if (s_valid)
			for (i = 0; i < Threads; i = i + 1)
				if (ready[i] && i != s_thread) assert((i[1:0] - last_q - 2'd1) > (s_thread - last_q - 2'd1));
		assert(idle_cycle == (idle == 4'hf));
		assert(stall == (idle != 4'hf && ready == 0));
		assert(cmd_full == (ready != 0 && !s_valid));
	end
endmodule
