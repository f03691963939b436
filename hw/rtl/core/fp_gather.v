// SPDX-License-Identifier: Apache-2.0
//
// Up to eight bytes of a row: each byte lane takes the word group its byte is in, then each byte of the value its lane.

`default_nettype none

module fp_gather (
	input  wire [15:0]  group_i,   // per byte lane
	input  wire [255:0] row_i,
	input  wire [23:0]  select_i,  // per byte of the value
	input  wire [63:0]  mask_i,
	output wire [63:0]  value_o
);
	wire [63:0] ring, value;

	genvar i;
	generate
		for (i = 0; i < 8; i = i + 1) begin : g_byte
			mux4 #(.Width(8)) lane (
				.sel_i(group_i[2*i +: 2]),
				.in_i({row_i[192+8*i +: 8], row_i[128+8*i +: 8], row_i[64+8*i +: 8], row_i[8*i +: 8]}),
				.out_o(ring[8*i +: 8])
			);
			mux8 #(.Width(8)) pick (.sel_i(select_i[3*i +: 3]), .in_i(ring), .out_o(value[8*i +: 8]));
		end
	endgenerate

	assign value_o = value & mask_i;
endmodule

`default_nettype wire
