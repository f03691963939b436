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
	input  wire [1:0]   m1_width_i,
	input  wire         m1_swap_i,
	input  wire         m1_sign_i,
	// M2
	input  wire [255:0] m2_row_i,
	input  wire [63:0]  m2_stack_i,
	// M3
	output wire [63:0]  m3_value_o
);
	wire [2:0]  m1_last = {m1_width_i == 2'd3, m1_width_i[1], m1_width_i != 2'd0};
	wire [2:0]  m1_size = {m1_width_i == 2'd2, m1_width_i == 2'd1, m1_width_i == 2'd0};  // modulo 8
	wire [2:0]  m1_turn = m1_offset_i[2:0] + ({3{m1_swap_i}} & m1_size);
	wire [2:0]  m1_high = m1_offset_i[2:0] + ({3{!m1_swap_i}} & m1_last);  // lane of the sign
	wire [3:0]  m1_take = {4{m1_legal_i}} & {m1_last[2], m1_last[1], m1_last[0], 1'b1};  // bytes 7 to 4, 3 and 2, 1, 0
	wire        m1_extend = m1_legal_i && m1_sign_i;
	wire [3:0]  m3_take;
	wire        m2_stack, m3_extend, m3_swap;
	wire [2:0]  m3_turn, m3_high;
	wire [63:0] m2_packet, m3_ring, m3_bytes;

	delay #(.Width(1)) stack_to_m2 (.clk_i(clk_i), .d_i(m1_stack_i), .q_o(m2_stack));
	delay #(.Width(3 + 3 + 4 + 2), .Stages(2)) to_m3 (
		.clk_i(clk_i), .d_i({m1_turn, m1_high, m1_take, m1_swap_i, m1_extend}), .q_o({m3_turn, m3_high, m3_take, m3_swap, m3_extend})
	);

	fp_ring packet (.clk_i(clk_i), .offset_i(m1_offset_i), .row_i(m2_row_i), .ring_o(m2_packet));
	delay #(.Width(64)) ring_to_m3 (.clk_i(clk_i), .d_i(m2_stack ? m2_stack_i : m2_packet), .q_o(m3_ring));
	align bytes (.turn_i(m3_turn), .reverse_i(m3_swap), .in_i(m3_ring), .out_o(m3_bytes));

	wire [7:0] m3_tops = {m3_ring[63], m3_ring[55], m3_ring[47], m3_ring[39], m3_ring[31], m3_ring[23], m3_ring[15],
		m3_ring[7]};
	wire       m3_fill = m3_extend && m3_tops[m3_high];
	wire [3:1] fill = {3{m3_fill}} & ~m3_take[3:1];

	// A value has 1, 2, 4 or 8 bytes.
	assign m3_value_o = (m3_bytes & {{32{m3_take[3]}}, {16{m3_take[2]}}, {8{m3_take[1]}}, {8{m3_take[0]}}})
		| {{32{fill[3]}}, {16{fill[2]}}, {8{fill[1]}}, 8'd0};
endmodule

`default_nettype wire
