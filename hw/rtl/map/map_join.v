// SPDX-License-Identifier: Apache-2.0
//
// Eight bytes at a byte offset in two neighbouring words.

`default_nettype none

module map_join (
	input  wire [63:0] low_i,
	input  wire [63:0] high_i,
	input  wire [2:0]  off_i,
	output reg  [63:0] value_o
);
`ifdef VERILATOR
	// By shifts, which are faster in a simulator.
	wire [5:0] right = {off_i, 3'd0};
	always @(*) value_o = low_i >> right | high_i << 1 << ~right;
`else
	always @(*) begin
		case (off_i)
			3'd0: value_o = low_i;
			3'd1: value_o = {high_i[7:0], low_i[63:8]};
			3'd2: value_o = {high_i[15:0], low_i[63:16]};
			3'd3: value_o = {high_i[23:0], low_i[63:24]};
			3'd4: value_o = {high_i[31:0], low_i[63:32]};
			3'd5: value_o = {high_i[39:0], low_i[63:40]};
			3'd6: value_o = {high_i[47:0], low_i[63:48]};
			default: value_o = {high_i[55:0], low_i[63:56]};
		endcase
	end
`endif

	wire unused = &{1'b0, high_i[63:56]};
endmodule

`default_nettype wire
