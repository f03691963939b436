// SPDX-License-Identifier: Apache-2.0
//
// fp_sched against a model that walks the threads: order of issue, what makes a thread ready and idle, room in the
// command queue, counting pulses.

`include "regs.vh"
`default_nettype none
`ifndef SEED
`define SEED 1
`endif

module tb_fp_sched;
	localparam Threads = 16, Clocks = 20000;
	localparam Idle = 0, Ready = 1, Away = 2;

	reg                clk = 0, rst = 1;
	reg                start = 0, leave = 0, done = 0, value = 0, engine = 0, div = 0;
	reg  [3:0]         start_t = 0, leave_t = 0, done_t = 0, value_t = 0, engine_t = 0, div_t = 0;
	reg  [5:0]         count = 0;
	wire               s_valid, idle_cycle, stall, cmd_full;
	wire [3:0]         s_thread;

	fp_sched #(.Threads(Threads), .TW(4)) dut (
		.clk_i(clk), .rst_i(rst), .start_i(start),
		.start_thread_i(start_t), .done_i(leave), .done_thread_i(leave_t),
		.end_i(done), .end_thread_i(done_t), .value_i(value), .value_thread_i(value_t), .engine_i(engine),
		.engine_thread_i(engine_t), .div_i(div), .div_thread_i(div_t), .cmd_count_i(count),
		.s_valid_o(s_valid), .s_thread_o(s_thread), .idle_cycle_o(idle_cycle), .stall_o(stall), .cmd_full_o(cmd_full)
	);

	always #5 clk = !clk;

	integer seed = `SEED, n, i, t, any_ready, any_packet, want, last = 15, load = 4;
	integer state [0:Threads-1];

	task fail(input [8*40-1:0] what);
		begin
			$display("FAIL: tb_fp_sched: %0s in clock %0d", what, n);
			$finish;
		end
	endtask

	function chance(input integer one_in);
		chance = $unsigned($random(seed)) % one_in == 0;
	endfunction

	// Some thread in this state that no other event of this clock is about, or 16.
	reg [Threads-1:0] taken;
	function integer some(input integer in);
		integer k;
		begin
			some = 16;
			k = $unsigned($random(seed)) % Threads;
			for (i = 0; i < Threads; i = i + 1)
				if (state[(k + i) % Threads] == in && !taken[(k + i) % Threads]) some = (k + i) % Threads;
		end
	endfunction

	initial begin
		for (i = 0; i < Threads; i = i + 1) state[i] = Idle;
		repeat (2) @(posedge clk);
		#1 rst = 0;
		for (n = 0; n < Clocks; n = n + 1) begin
			if (n % 500 == 0) load = 1 + $unsigned($random(seed)) % 8;
			taken = 0;
			t = some(Idle);    start = t < 16 && chance(load);    start_t = t;  if (start) taken[t] = 1;
			t = some(Away);    done = t < 16 && chance(load);     done_t = t;   if (done) taken[t] = 1;
			t = some(Away);    value = t < 16 && chance(4);       value_t = t;  if (value) taken[t] = 1;
			t = some(Away);    engine = t < 16 && chance(8);      engine_t = t; if (engine) taken[t] = 1;
			t = some(Away);    div = t < 16 && chance(8);         div_t = t;    if (div) taken[t] = 1;
			t = some(Away);    leave = t < 16 && chance(6);       leave_t = t;
			count = chance(3) ? $unsigned($random(seed)) % 33 : 0;
			#1;
			any_ready  = 0;
			any_packet = 0;
			want       = 16;
			for (i = Threads; i > 0; i = i - 1) begin
				t = (last + i) % Threads;
				if (state[t] == Ready) want = t;
				if (state[t] == Ready) any_ready = 1;
				if (state[t] != Idle) any_packet = 1;
			end
			if (s_valid !== (any_ready && 32 - count >= 9)) fail("issue when there should be none, or none");
			if (s_valid && s_thread !== want) fail("wrong thread");
			if (idle_cycle !== !any_packet || stall !== (any_packet && !any_ready)
				|| cmd_full !== (any_ready && !s_valid)) fail("wrong counting pulse");
			if (s_valid) begin state[s_thread] = Away; last = s_thread; end
			if (start) state[start_t] = Ready;
			if (done) state[done_t] = Ready;
			if (value) state[value_t] = Ready;
			if (engine) state[engine_t] = Ready;
			if (div) state[div_t] = Ready;
			if (leave) state[leave_t] = Idle;
			@(posedge clk);
			#1;
		end
		$display("PASS");
		$finish;
	end
endmodule
