// SPDX-License-Identifier: Apache-2.0
//
// The bytes of a value to be stored, each put on the byte lane of its address.

`default_nettype none

module fp_scatter (
	input  wire [2:0]  off_i,     // of the first byte
	input  wire [1:0]  width_i,
	input  wire        swap_i,
	input  wire [63:0] value_i,
	output wire [63:0] ring_o,
	output wire [7:0]  active_o,  // lanes that have a byte
	output wire [7:0]  first_o    // lanes whose byte is in the same word as the first one
);
	wire [2:0] last = {width_i == 2'd3, width_i[1], width_i != 2'd0};

	assign first_o = 8'hff << off_i;

	genvar j;
	generate
		for (j = 0; j < 8; j = j + 1) begin : g_lane
			localparam [2:0] Lane = j;
			wire [2:0] index  = Lane - off_i;
			wire [2:0] source = swap_i ? last - index : index;

			assign active_o[j] = index <= last;
			mux8 #(.Width(8)) mux (.sel_i(source), .in_i(value_i), .out_o(ring_o[8*j +: 8]));
		end
	endgenerate
endmodule

`default_nettype wire
