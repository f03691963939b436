// SPDX-License-Identifier: Apache-2.0
//
// The NIC's clock: 64 bits of nanoseconds over 24 fraction bits.

`default_nettype none

module csr_time (
	input  wire        clk_i,
	input  wire        rst_i,
	input  wire [31:0] inc_i,        // ns per clock, 8.24
	input  wire        set_i,
	input  wire [63:0] set_time_i,   // from the next cycle on, fraction 0
	output wire [63:0] time_o
);
	localparam FractionBits = 24;

	reg [64+FractionBits-1:0] time_q;

	assign time_o = time_q[64+FractionBits-1 -: 64];

	always @(posedge clk_i) begin
		if (rst_i) time_q <= {64+FractionBits{1'b0}};
		else if (set_i) time_q <= {set_time_i, {FractionBits{1'b0}}};
		else time_q <= time_q + {{32+FractionBits{1'b0}}, inc_i};
	end
endmodule

`default_nettype wire
