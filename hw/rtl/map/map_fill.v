// SPDX-License-Identifier: Apache-2.0
//
// Sets a run of map memory to 0, as the host's writes would: a word a request, or a line of the memory outside the chip.

`default_nettype none

module map_fill (
	input  wire        clk_i,
	input  wire        rst_i,
	input  wire        start_i,      // not while words are left
	input  wire [28:0] word_i,
	input  wire [28:0] count_i,
	output wire [28:0] left_o,
	// the write
	output wire        req_o,
	output wire        line_o,
	output wire [28:0] word_o,
	input  wire        taken_i
);
	reg [28:0] word_q, left_q;

	assign left_o = left_q;
	assign req_o  = left_q != 29'd0;
	assign line_o = word_q[28] && word_q[2:0] == 3'd0 && left_q[28:3] != 26'd0;
	assign word_o = word_q;

	wire [28:0] step = line_o ? 29'd8 : 29'd1;
	always @(posedge clk_i) begin
		if (start_i) word_q <= word_i;
		else if (taken_i) word_q <= word_q + step;
		left_q <= rst_i ? 29'd0 : start_i ? count_i : taken_i ? left_q - step : left_q;
	end
endmodule

`default_nettype wire
