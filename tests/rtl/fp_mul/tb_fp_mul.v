// SPDX-License-Identifier: Apache-2.0
//
// fp_mul with operands of all lengths, a new pair every clock.

`default_nettype none
`ifndef SEED
`define SEED 1
`endif

module tb_fp_mul;
	localparam Pairs = 20000, Latency = 3;

	reg         clk = 0;
	reg  [63:0] a = 0, b = 0;
	wire [63:0] product;
	reg  [63:0] expect_q [0:Latency-1];
	integer     seed = `SEED, n, i;

	fp_mul dut (.clk_i(clk), .e1_a_i(a), .e1_b_i(b), .m3_product_o(product));

	always #5 clk = !clk;

	// Short ones, long ones, and ones of many equal bits.
	function [63:0] operand(input integer shape);
		begin
			operand = {$random(seed), $random(seed)};
			operand = operand >> ($unsigned($random(seed)) % 64);
			if (shape % 3 == 0) operand = ~operand;
		end
	endfunction

	initial begin
		for (n = 0; n < Pairs; n = n + 1) begin
			a = operand($random(seed));
			b = operand($random(seed));
			@(posedge clk);
			#1;
			if (n >= Latency && product !== expect_q[Latency-1]) begin
				$display("FAIL: tb_fp_mul: product %h, not %h", product, expect_q[Latency-1]);
				$finish;
			end
			for (i = Latency - 1; i > 0; i = i - 1) expect_q[i] = expect_q[i-1];
			expect_q[0] = a * b;
		end
		$display("PASS");
		$finish;
	end
endmodule
