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
`ifdef VERILATOR
	// Words at once, which is faster in a simulator.
	reg  [1:0]  group_q;
	reg  [63:0] first_q;           // bytes that are in the word of the first one
	wire [63:0] word0 = row_i[63:0], word1 = row_i[127:64], word2 = row_i[191:128], word3 = row_i[255:192];
	reg  [63:0] here, next;

	always @(posedge clk_i) begin
		group_q <= offset_i[4:3];
		first_q <= ~64'd0 << {offset_i[2:0], 3'd0};
	end

	always @(*) begin
		case (group_q)
			2'd0: begin here = word0; next = word1; end
			2'd1: begin here = word1; next = word2; end
			2'd2: begin here = word2; next = word3; end
			default: begin here = word3; next = word0; end
		endcase
	end
	assign ring_o = (here & first_q) | (next & ~first_q);
`else
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
`endif
endmodule

`default_nettype wire
