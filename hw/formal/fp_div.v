// SPDX-License-Identifier: Apache-2.0
//
// fp_div: as long as a thread has one division at most, the queue's pointers never overrun each other, each division is answered once,
// and the one under way is answered 34 (32 bits) or 66 clocks after its start.
//@ sources: hw/rtl/core/fp_div.v
//@ bound: 8
//@ induction: 2
//@ break: hw/rtl/core/fp_div.v: s/rd_d      = start ? rd_q + One/rd_d = put_i ? rd_q + One/
//@ break: hw/rtl/core/fp_div.v: s/steps_d  = w_q ? 7'd32/steps_d = w_q ? 7'd31/
//@ break: hw/rtl/core/fp_div.v: s/start = !busy_q \&\& wr_q != rd_q/start = !busy_q/

`default_nettype none

module fp_div_proof (
	input wire        clk_i,
	input wire        rst_i,
	input wire        put_i,
	input wire        thread_i,
	input wire [7:0]  op_i,
	input wire        w_i,
	input wire [63:0] a_i, b_i
);
	wire        x_valid, x_thread;
	wire [63:0] x_value;

	fp_div #(.Threads(2), .TW(1)) dut (
		.clk_i(clk_i), .rst_i(rst_i), .put_i(put_i), .put_thread_i(thread_i), .put_op_i(op_i), .put_w_i(w_i), .put_a_i(a_i),
		.put_b_i(b_i), .x_valid_o(x_valid), .x_thread_o(x_thread), .x_value_o(x_value)
	);

	reg [1:0] waits_q;      // threads that wait for an answer
	reg [6:0] age_q;        // of the division under way
	reg       started_q = 0;
	integer   t;

	(* hierconn *) wire [1:0]   \dut.wr_q , \dut.rd_q ;
	(* hierconn *) wire         \dut.busy_q , \dut.prepare_q , \dut.w_q , \dut.thread_q ;
	(* hierconn *) wire [6:0]   \dut.steps_q ;
	(* hierconn *) wire [131:0] \dut.queue.mem_q[0] , \dut.queue.mem_q[1] ;
	wire [1:0] queued = \dut.wr_q - \dut.rd_q ;
	wire       start  = !\dut.busy_q && queued != 0;
	// Threads of the entries, the next one first.
	wire       thread0 = \dut.rd_q [0] ? \dut.queue.mem_q[1] [131] : \dut.queue.mem_q[0] [131];
	wire       thread1 = \dut.rd_q [0] ? \dut.queue.mem_q[0] [131] : \dut.queue.mem_q[1] [131];
	reg  [1:0] inside;

	always @(posedge clk_i) begin
		started_q <= 1;
		age_q     <= age_q + 7'd1;
		if (start) age_q <= 7'd1;
		for (t = 0; t < 2; t = t + 1) begin
			if (x_valid && x_thread == t) waits_q[t] <= 0;
			if (put_i && thread_i == t) waits_q[t] <= 1;
		end
		if (rst_i) waits_q <= 0;
	end

	always @(*) begin
		assume(started_q || rst_i);
		assume(!put_i || !waits_q[thread_i]);
		inside = 2'd0;
		if (\dut.busy_q ) inside[\dut.thread_q ] = 1'b1;
		if (started_q) begin
			if (queued != 0) begin
				assert(!inside[thread0]);
				inside[thread0] = 1'b1;
			end
			if (queued == 2) begin
				assert(!inside[thread1]);
				inside[thread1] = 1'b1;
			end
			assert(queued <= 2);
			assert(inside == waits_q);
			if (x_valid) assert(waits_q[x_thread]);
			assert(!\dut.prepare_q || \dut.busy_q );
			if (\dut.busy_q ) assert(\dut.prepare_q ? age_q == 1 : {1'b0, age_q} + \dut.steps_q == (\dut.w_q ? 34 : 66));
			if (\dut.busy_q ) assert(x_valid == (age_q == (\dut.w_q ? 34 : 66)));
			else assert(!x_valid);
		end
	end
endmodule
