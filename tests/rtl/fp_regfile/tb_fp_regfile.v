// SPDX-License-Identifier: Apache-2.0
//
// fp_regfile: every port reads any bank or what is no register, while all lanes write.

`default_nettype none
`ifndef SEED
`define SEED 1
`endif

module tb_fp_regfile;
	localparam Lanes = 3, Regs = 8, Threads = 4, Ports = 7, Clocks = 5000;

	reg                 clk = 0;
	reg  [1:0]          r1_thread = 0, wb_thread = 0;
	reg  [6*Ports-1:0]  code = 0;
	reg  [Ports-1:0]    use_other = 0;
	reg  [64*Ports-1:0] other = 0;
	wire [64*Ports-1:0] value;
	reg  [Lanes-1:0]    we = 0;
	reg  [4*Lanes-1:0]  dst = 0;
	reg  [64*Lanes-1:0] wb_value = 0;

	fp_regfile #(.Lanes(Lanes), .Regs(Regs), .Threads(Threads), .Ports(Ports), .TW(2)) dut (
		.clk_i(clk), .r1_thread_i(r1_thread), .r1_code_i(code), .r1_use_other_i(use_other), .r1_other_i(other),
		.r2_value_o(value), .wb_thread_i(wb_thread), .wb_we_i(we), .wb_reg_i(dst), .wb_value_i(wb_value)
	);

	always #5 clk = !clk;

	integer seed = `SEED, n, p, l;
	reg [63:0] model [0:4*Threads*Regs-1];  // bank, thread, register
	reg [64*Ports-1:0] want;

	function [63:0] any(input dummy);
		any = {$random(seed), $random(seed)};
	endfunction

	task write_model;
		for (l = 0; l < Lanes; l = l + 1)
			if (we[l]) model[{l[1:0], wb_thread, dst[4*l +: 3]}] = wb_value[64*l +: 64];
	endtask

	initial begin
		for (n = 0; n < 4 * Threads * Regs; n = n + 1) model[n] = 64'd0;
		// Every register is written once before anything is read.
		for (n = 0; n < Threads * Regs + Clocks; n = n + 1) begin
			we        = n < Threads * Regs ? {Lanes{1'b1}} : $random(seed);
			wb_thread = n < Threads * Regs ? n / Regs : $random(seed);
			r1_thread = $random(seed);
			for (l = 0; l < Lanes; l = l + 1) begin
				dst[4*l +: 4]        = n < Threads * Regs ? n % Regs : $unsigned($random(seed)) % Regs;
				wb_value[64*l +: 64] = any(0);
			end
			for (p = 0; p < Ports; p = p + 1) begin
				use_other[p]      = $unsigned($random(seed)) % 4 == 0;
				code[6*p +: 6]    = {$random(seed)} & 6'h37;
				other[64*p +: 64] = any(0);
				want[64*p +: 64]  = use_other[p] ? other[64*p +: 64]
					: model[{code[6*p+4 +: 2], r1_thread, code[6*p +: 3]}];
			end
			write_model;
			@(posedge clk);
			#1;
			for (p = 0; p < Ports; p = p + 1)
				if (n > Threads * Regs && value[64*p +: 64] !== want[64*p +: 64]) begin
					$display("FAIL: tb_fp_regfile: port %0d reads %h, not %h", p, value[64*p +: 64], want[64*p +: 64]);
					$finish;
				end
		end
		$display("PASS");
		$finish;
	end
endmodule
