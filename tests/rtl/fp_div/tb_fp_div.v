// SPDX-License-Identifier: Apache-2.0
//
// fp_div: values against the operators, and the clock of every result against the queue's rules. Bursts and gaps.

`include "isa.vh"
`default_nettype none
`ifndef SEED
`define SEED 1
`endif

module tb_fp_div;
	localparam Threads = 8, Divisions = 400;

	reg         clk = 0, rst = 1, put = 0, put_w = 0;
	reg  [2:0]  put_thread = 0;
	reg  [7:0]  put_op = `OP_DIVU;
	reg  [63:0] put_a = 0, put_b = 0;
	wire        x_valid;
	wire [2:0]  x_thread;
	wire [63:0] x_value;

	fp_div #(.Threads(Threads), .TW(3)) dut (
		.clk_i(clk), .rst_i(rst), .put_i(put), .put_thread_i(put_thread), .put_op_i(put_op), .put_w_i(put_w),
		.put_a_i(put_a), .put_b_i(put_b), .x_valid_o(x_valid), .x_thread_o(x_thread), .x_value_o(x_value)
	);

	always #5 clk = !clk;

	integer seed = `SEED, cycle = 0, sent = 0, got = 0, free = 0;
	reg [Threads-1:0] busy = 0;
	reg [63:0] want [0:Divisions-1];
	reg [2:0]  want_thread [0:Divisions-1];
	integer    want_cycle [0:Divisions-1];

	task fail(input [8*40-1:0] what);
		begin
			$display("FAIL: tb_fp_div: %0s at cycle %0d", what, cycle);
			$finish;
		end
	endtask

	function [63:0] operand(input dummy);
		begin
			operand = {$random(seed), $random(seed)} >> ($unsigned($random(seed)) % 64);
			case ($unsigned($random(seed)) % 12)
				0: operand = 64'd0;
				1: operand = ~64'd0;
				2: operand = 64'h8000_0000_0000_0000;
				3: operand = 64'h8000_0000;
				4: operand = 64'hffff_ffff;
				5: operand = -operand;
			endcase
		end
	endfunction

	// RFC 9669 4.1: a division by 0 gives 0, a modulo by 0 the dividend; the quotient of the smallest number and -1 is that number.
	function [63:0] divide(input [7:0] op, input w, input [63:0] a, input [63:0] b);
		reg signed [63:0] sa, sb;
		begin
			sa = w ? {{32{a[31]}}, a[31:0]} : a;
			sb = w ? {{32{b[31]}}, b[31:0]} : b;
			case (op)
				`OP_DIVU: divide = b == 0 ? 64'd0 : a / b;
				`OP_MODU: divide = b == 0 ? a : a % b;
				`OP_DIVS: divide = sb == 64'sd0 ? 64'sd0 : sb == -64'sd1 ? -sa : sa / sb;
				default:  divide = sb == 64'sd0 ? sa : sb == -64'sd1 ? 64'sd0 : sa % sb;
			endcase
			if (w) divide = {32'd0, divide[31:0]};
		end
	endfunction

	initial begin
		repeat (3) @(posedge clk);
		#1 rst = 0;
		while (got < Divisions) begin
			put = sent < Divisions && busy != {Threads{1'b1}} && $unsigned($random(seed)) % (sent % 50 < 25 ? 2 : 90) == 0;
			if (put) begin
				put_thread = $random(seed);
				while (busy[put_thread]) put_thread = put_thread + 3'd1;
				put_w  = $random(seed);
				put_op = `OP_DIVU + ($unsigned($random(seed)) % 4);
				put_a  = operand(0);
				put_b  = operand(0);
				if (put_w) {put_a[63:32], put_b[63:32]} = 64'd0;
				if (free < cycle + 1) free = cycle + 1;
				want[sent]        = divide(put_op, put_w, put_a, put_b);
				want_thread[sent] = put_thread;
				want_cycle[sent]  = free + (put_w ? 34 : 66);
				free              = want_cycle[sent] + 1;
				busy[put_thread]  = 1;
				sent              = sent + 1;
			end
			#1;
			if (x_valid !== (got < sent && want_cycle[got] == cycle)) fail("result in the wrong clock");
			if (x_valid) begin
				if (x_thread !== want_thread[got]) fail("wrong thread");
				if (x_value !== want[got]) fail("wrong value");
				busy[x_thread] = 0;
				got = got + 1;
			end
			@(posedge clk);
			cycle = cycle + 1;
			#1;
		end
		$display("PASS");
		$finish;
	end
endmodule
