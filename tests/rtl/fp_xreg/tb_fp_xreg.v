// SPDX-License-Identifier: Apache-2.0
//
// fp_xreg: three writers, often in one clock, and a read two clocks behind its thread number.

`default_nettype none
`ifndef SEED
`define SEED 1
`endif

module tb_fp_xreg;
	localparam Threads = 8, Clocks = 10000;

	reg         clk = 0, rst = 1;
	reg  [2:0]  we = 0, f2 = 0, f3 = 0, t0 = 0, t1 = 1, t2 = 2;
	reg  [63:0] v0 = 0, v1 = 0, v2 = 0, want = 0;
	wire [63:0] x;

	fp_xreg #(.Threads(Threads), .TW(3)) dut (
		.clk_i(clk), .rst_i(rst), .value_we_i(we[0]), .value_thread_i(t0), .value_i(v0),
		.engine_we_i(we[1]), .engine_thread_i(t1), .engine_i(v1), .div_we_i(we[2]), .div_thread_i(t2), .div_i(v2),
		.f2_thread_i(f2), .f3_thread_i(f3), .r1_x_o(x)
	);

	always #5 clk = !clk;

	integer seed = `SEED, n;
	reg [63:0] model [0:Threads-1];
	reg [Threads-1:0] known = 0;

	initial begin
		repeat (2) @(posedge clk);
		#1 rst = 0;
		for (n = 0; n < Clocks; n = n + 1) begin
			// A thread that is being fetched waits for nothing, so nobody writes its x then.
			f3 = f2;
			f2 = $random(seed);
			we = $random(seed);
			t0 = $random(seed);
			t1 = t0 + 1 + $unsigned($random(seed)) % 3;
			t2 = t1 + 1 + $unsigned($random(seed)) % 3;
			if (t0 == f2 || t0 == f3) we[0] = 0;
			if (t1 == f2 || t1 == f3) we[1] = 0;
			if (t2 == f2 || t2 == f3 || t2 == t0) we[2] = 0;
			{v0, v1, v2} = {$random(seed), $random(seed), $random(seed), $random(seed), $random(seed), $random(seed)};
			want = model[f3];
			if (we[0]) begin model[t0] = v0; known[t0] = 1; end
			if (we[1]) begin model[t1] = v1; known[t1] = 1; end
			if (we[2]) begin model[t2] = v2; known[t2] = 1; end
			@(posedge clk);
			#1;
			if (n > 1 && known[f3] && x !== want) begin
				$display("FAIL: tb_fp_xreg: thread %0d has x %h, not %h", f3, x, want);
				$finish;
			end
		end
		$display("PASS");
		$finish;
	end
endmodule
