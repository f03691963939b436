// SPDX-License-Identifier: Apache-2.0
//
// The low 1, 2, 4 or 8 bytes of a value, byte-swapped or not, zero- or sign-extended.

`default_nettype none

module map_bytes (
	input  wire [63:0] value_i,
	input  wire [1:0]  width_i,      // log2 of bytes
	input  wire        swap_i,
	input  wire        sign_i,
	output wire [63:0] value_o
);
	// How many bytes change places: 8 as they are, else the width.
	wire [1:0] turn = swap_i ? width_i : 2'd0;
	wire       is8 = width_i == 2'd3, is4 = width_i[1], is2 = width_i != 2'd0;   // at least so many bytes
	wire [63:0] v;
	wire        fill;
`ifdef VERILATOR
	// At once, which is faster in a simulator.
	wire [63:0] mirror = {value_i[7:0], value_i[15:8], value_i[23:16], value_i[31:24],
		value_i[39:32], value_i[47:40], value_i[55:48], value_i[63:56]};
	wire [5:0]  right = 6'd0 - (6'd8 << turn);
	assign v = swap_i ? mirror >> right : value_i;
`else
	mux4 #(.Width(8)) byte0 (.sel_i(turn), .in_i({value_i[63:56], value_i[31:24], value_i[15:8], value_i[7:0]}), .out_o(v[7:0]));
	mux4 #(.Width(8)) byte1 (.sel_i(turn), .in_i({value_i[55:48], value_i[23:16], value_i[7:0], value_i[15:8]}), .out_o(v[15:8]));
	mux4 #(.Width(8)) byte2 (.sel_i(turn), .in_i({value_i[47:40], value_i[15:8], value_i[23:16], value_i[23:16]}), .out_o(v[23:16]));
	mux4 #(.Width(8)) byte3 (.sel_i(turn), .in_i({value_i[39:32], value_i[7:0], value_i[31:24], value_i[31:24]}), .out_o(v[31:24]));
	assign v[63:32] = swap_i ? {value_i[7:0], value_i[15:8], value_i[23:16], value_i[31:24]} : value_i[63:32];
`endif
	assign fill = sign_i && (is4 ? v[31] : is2 ? v[15] : v[7]);   // not looked at with 8 bytes

	assign value_o = {is8 ? v[63:32] : {32{fill}}, is4 ? v[31:16] : {16{fill}}, is2 ? v[15:8] : {8{fill}}, v[7:0]};
endmodule

`default_nettype wire
