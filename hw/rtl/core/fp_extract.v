// SPDX-License-Identifier: Apache-2.0
//
// The value of a load out of the memories' words: M2 chooses the word per byte lane, M3 aligns, swaps and extends.

`default_nettype none

module fp_extract (
	input  wire         clk_i,
	// M1
	input  wire         m1_legal_i,
	input  wire         m1_stack_i,
	input  wire [4:0]   m1_offset_i,
	input  wire [7:0]   m1_first_i,  // byte lanes in the word of the first byte
	input  wire [1:0]   m1_width_i,
	input  wire         m1_swap_i,
	input  wire         m1_sign_i,
	// M2
	input  wire [255:0] m2_row_i,
	input  wire [63:0]  m2_stack_i,
	// M3
	output wire [63:0]  m3_value_o
);
	wire [23:0] m1_select, m2_select, m3_select;
	wire [7:0]  m1_valid, m2_valid, m3_valid, m2_first;
	wire [2:0]  m1_high, m2_high, m3_high;
	wire        m2_stack, m2_sign, m2_legal, m3_sign, m3_legal;
	wire [1:0]  m2_group;
	wire [63:0] m2_ring, m3_ring, m3_bytes;

	fp_byte_select select (
		.off_i(m1_offset_i[2:0]), .width_i(m1_width_i), .swap_i(m1_swap_i),
		.select_o(m1_select), .valid_o(m1_valid), .high_o(m1_high)
	);
	delay #(.Width(24 + 8 + 3 + 1 + 1)) to_m2 (
		.clk_i(clk_i), .d_i({m1_select, m1_valid, m1_high, m1_sign_i, m1_legal_i}),
		.q_o({m2_select, m2_valid, m2_high, m2_sign, m2_legal})
	);
	delay #(.Width(1 + 8 + 2)) group_to_m2 (
		.clk_i(clk_i), .d_i({m1_stack_i, m1_first_i, m1_offset_i[4:3]}), .q_o({m2_stack, m2_first, m2_group})
	);
	delay #(.Width(24 + 8 + 3 + 1 + 1)) to_m3 (
		.clk_i(clk_i), .d_i({m2_select, m2_valid, m2_high, m2_sign, m2_legal}),
		.q_o({m3_select, m3_valid, m3_high, m3_sign, m3_legal})
	);
	delay #(.Width(64)) ring_to_m3 (.clk_i(clk_i), .d_i(m2_ring), .q_o(m3_ring));

	wire [7:0] m3_tops = {m3_ring[63], m3_ring[55], m3_ring[47], m3_ring[39], m3_ring[31], m3_ring[23], m3_ring[15],
		m3_ring[7]};
	wire       m3_fill = m3_sign && m3_tops[m3_high];

	genvar i;
	generate
		for (i = 0; i < 8; i = i + 1) begin : g_byte
			wire [7:0] packet;

			mux4 #(.Width(8)) lane (
				.sel_i(m2_group + {1'b0, !m2_first[i]}),
				.in_i({m2_row_i[192+8*i +: 8], m2_row_i[128+8*i +: 8], m2_row_i[64+8*i +: 8], m2_row_i[8*i +: 8]}),
				.out_o(packet)
			);
			assign m2_ring[8*i +: 8] = m2_stack ? m2_stack_i[8*i +: 8] : packet;
			mux8 #(.Width(8)) pick (.sel_i(m3_select[3*i +: 3]), .in_i(m3_ring), .out_o(m3_bytes[8*i +: 8]));
			assign m3_value_o[8*i +: 8] = !m3_legal ? 8'd0 : m3_valid[i] ? m3_bytes[8*i +: 8] : {8{m3_fill}};
		end
	endgenerate
endmodule

`default_nettype wire
