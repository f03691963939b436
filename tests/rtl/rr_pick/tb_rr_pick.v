// SPDX-License-Identifier: Apache-2.0
//
// Round robin over five requesters against its definition; a turn counts only when it is taken.

`ifndef SEED
`define SEED 1
`endif

module tb_rr_pick;
	localparam Count = 5, Clocks = 5000;

	reg              clk = 0, rst = 1, take = 0;
	reg  [Count-1:0] want = 0;
	wire             any;
	wire [2:0]       index;

	rr_pick #(.Count(Count)) dut (
		.clk_i(clk), .rst_i(rst), .want_i(want), .take_i(take), .any_o(any), .index_o(index)
	);

	always #5 clk = !clk;

	integer seed = `SEED, n, i, expected, last = Count - 1;

	initial begin
		repeat (2) @(posedge clk);
		#1 rst = 0;
		for (n = 0; n < Clocks; n = n + 1) begin
			want = $random(seed);
			take = $random(seed);
			#1;
			expected = Count;
			for (i = Count; i > 0; i = i - 1) if (want[(last + i) % Count]) expected = (last + i) % Count;
			if (any !== (want != 0) || (any && index !== expected)) begin
				$display("FAIL: tb_rr_pick: %0d instead of %0d", index, expected);
				$finish;
			end
			if (take && any) last = expected;
			@(posedge clk);
			#1;
		end
		$display("PASS");
		$finish;
	end
endmodule
