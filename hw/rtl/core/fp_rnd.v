// SPDX-License-Identifier: Apache-2.0
//
// Random generator of the core: xorshift32. 0 is not a state; whoever writes it sees to that.

`include "regs.vh"
`default_nettype none

module fp_rnd (
	input  wire        clk_i,
	input  wire        rst_i,
	input  wire [31:0] spread_i,   // makes the cores' states differ
	// host
	input  wire        we_i,
	input  wire [31:0] state_i,
	output wire [31:0] state_o,
	// bundle in E2
	input  wire        step_i,
	output wire [31:0] next_o
);
	localparam [31:0] Seed = `NIC_RND_SEED;
	wire        load = rst_i || we_i;
	wire [31:0] set = (rst_i ? Seed : state_i) ^ spread_i;

	reg  [31:0] state_q;
	wire [31:0] one   = state_q ^ {state_q[18:0], 13'd0};
	wire [31:0] two   = one ^ {17'd0, one[31:17]};
	wire [31:0] three = two ^ {two[26:0], 5'd0};

	assign state_o = state_q;
	assign next_o  = three;

	always @(posedge clk_i) begin
		if (load || step_i) state_q <= load ? set : three;
		if (load && set == 32'd0) state_q <= Seed;
	end
endmodule

`default_nettype wire
