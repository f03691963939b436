// SPDX-License-Identifier: Apache-2.0
//
// Eight neighbouring bytes out of a row: each byte lane takes the word group its byte is in. The bytes are in a ring,
// each on the lane of its address. The row comes one cycle after the address.

`default_nettype none

module fp_ring (
	input  wire         clk_i,
	input  wire [4:0]   offset_i,  // of the first byte in the row
	input  wire [255:0] row_i,     // one cycle later
	output wire [63:0]  ring_o     // with the row
);
	// Byte lanes in the word of the first byte; the others are in the next word.
	wire [7:0] first = 8'hff << offset_i[2:0];

	genvar i;
	generate
		for (i = 0; i < 8; i = i + 1) begin : g_byte
			reg [1:0] group_q;

			always @(posedge clk_i) group_q <= offset_i[4:3] + {1'b0, !first[i]};

			mux4 #(.Width(8)) lane (
				.sel_i(group_q),
				.in_i({row_i[192+8*i +: 8], row_i[128+8*i +: 8], row_i[64+8*i +: 8], row_i[8*i +: 8]}),
				.out_o(ring_o[8*i +: 8])
			);
		end
	endgenerate
endmodule

`default_nettype wire
