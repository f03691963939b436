// SPDX-License-Identifier: Apache-2.0
//
// One of eight words.

`default_nettype none

module mux8 #(
	parameter Width = 8
) (
	input  wire [2:0]         sel_i,
	input  wire [8*Width-1:0] in_i,
	output wire [Width-1:0]   out_o
);
	wire [Width-1:0] low, high;

	mux4 #(.Width(Width)) mux_low (.sel_i(sel_i[1:0]), .in_i(in_i[0 +: 4*Width]), .out_o(low));
	mux4 #(.Width(Width)) mux_high (.sel_i(sel_i[1:0]), .in_i(in_i[4*Width +: 4*Width]), .out_o(high));

	assign out_o = sel_i[2] ? high : low;
endmodule

`default_nettype wire
