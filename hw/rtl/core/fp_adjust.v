// SPDX-License-Identifier: Apache-2.0
//
// Adjustments of a packet: the new places in E1, the new length in E2, what is wrong with them in M1; moved in M2.

`include "isa.vh"
`include "regs.vh"
`default_nettype none

module fp_adjust #(
	parameter TW = 4
) (
	input  wire          clk_i,
	// E1
	input  wire          e1_head_i,
	input  wire          e1_tail_i,     // neither: metadata
	input  wire [31:0]   e1_by_i,
	input  wire [10:0]   e1_front_i,
	input  wire [10:0]   e1_start_i,
	input  wire [11:0]   e1_end_i,
	// E2
	input  wire          e2_is_adjust_i,
	input  wire          e2_go_i,
	input  wire [TW-1:0] e2_thread_i,
	// M2
	output reg           m2_move_o,
	output reg  [TW-1:0] m2_thread_o,
	output reg  [10:0]   m2_front_o,
	output reg  [10:0]   m2_start_o,
	output reg  [11:0]   m2_end_o,
	output reg           m2_invalid_o,  // the result is -EINVAL,
	output reg           m2_access_o    // or -EACCES; 0 when neither
);
	localparam signed [13:0] HeadMin = `NIC_HEAD_MIN, Buffer = `NIC_PKT_BUFFER, LenMin = `NIC_LEN_MIN, LenMax = `NIC_LEN_MAX,
		MetaMax = `NIC_META_MAX;

	// E1. A move by 2048 or more can't be right, nor can one of a tick, which has no bytes.
	wire signed [13:0] by    = {{2{e1_by_i[31]}}, e1_by_i[11:0]};
	wire signed [13:0] front = {3'd0, e1_front_i};
	wire signed [13:0] start = {3'd0, e1_start_i};
	wire signed [13:0] stop  = {2'd0, e1_end_i};
	reg                e2_far_q, e2_head_q, e2_tail_q;
	reg  signed [13:0] e2_front_q, e2_edge_q, e2_other_q;   // the edge that moves, and the one that doesn't

	always @(posedge clk_i) begin
		e2_far_q   <= e1_by_i[31:11] != {21{e1_by_i[31]}} || e1_end_i == {1'b0, e1_start_i};
		e2_head_q  <= e1_head_i;
		e2_tail_q  <= e1_tail_i;
		e2_front_q <= e1_tail_i ? front : front + by;
		e2_edge_q  <= (e1_tail_i ? stop : start) + (e1_head_i || e1_tail_i ? by : 14'sd0);
		e2_other_q <= e1_tail_i ? start : stop;
	end

	// E2: of the packet, or of the metadata.
	reg                m1_is_adjust_q, m1_go_q, m1_far_q, m1_tail_q, m1_meta_q;
	reg  signed [13:0] m1_front_q, m1_edge_q, m1_other_q, m1_len_q;
	reg  [TW-1:0]      m1_thread_q;

	always @(posedge clk_i) begin
		m1_is_adjust_q <= e2_is_adjust_i;
		m1_go_q     <= e2_go_i;
		m1_thread_q <= e2_thread_i;
		m1_far_q    <= e2_far_q;
		m1_tail_q   <= e2_tail_q;
		m1_meta_q   <= !e2_head_q && !e2_tail_q;
		m1_front_q  <= e2_front_q;
		m1_edge_q   <= e2_edge_q;
		m1_other_q  <= e2_other_q;
		m1_len_q    <= (e2_head_q ? e2_other_q : e2_edge_q) - (e2_head_q ? e2_edge_q : e2_tail_q ? e2_other_q : e2_front_q);
	end

	// M1
	wire outside = m1_far_q || m1_front_q < HeadMin || (m1_tail_q && m1_edge_q > Buffer);
	wire bad_len = m1_len_q < LenMin || m1_len_q > LenMax;
	wire invalid = outside || (m1_meta_q ? m1_len_q[13] : bad_len);
	wire access  = m1_meta_q && (m1_len_q[1:0] != 2'd0 || m1_len_q > MetaMax);

	always @(posedge clk_i) begin
		m2_move_o    <= m1_go_q && !invalid && !access;
		m2_thread_o  <= m1_thread_q;
		m2_front_o   <= m1_front_q[10:0];
		m2_start_o   <= m1_tail_q ? m1_other_q[10:0] : m1_edge_q[10:0];
		m2_end_o     <= m1_tail_q ? m1_edge_q[11:0] : m1_other_q[11:0];
		m2_invalid_o <= m1_is_adjust_q && invalid;
		m2_access_o  <= m1_is_adjust_q && access && !invalid;
	end

	wire unused = &{1'b0, m1_other_q};
endmodule

`default_nettype wire
