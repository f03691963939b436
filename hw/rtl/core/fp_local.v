// SPDX-License-Identifier: Apache-2.0
//
// Loads and stores of the last lane on packet and stack: address in E2, memories in M1, the loaded value in M3. Also
// the second port of both memories.

`include "regs.vh"
`default_nettype none

module fp_local #(
	parameter Threads = 16,
	parameter TW = 4
) (
	input  wire          clk_i,
	// E1
	input  wire [10:0]   e1_front_i,
	input  wire [11:0]   e1_end_i,
	input  wire [2:0]    e1_width_i,   // its logarithm, or 4 for six bytes
	// E2
	input  wire [TW-1:0] e2_thread_i,
	input  wire [63:0]   e2_addr_i,
	input  wire [63:0]   e2_value_i,
	input  wire [2:0]    e2_width_i,
	input  wire          e2_swap_i,
	input  wire          e2_sign_i,
	input  wire          e2_load_i,    // else the loaded value is 0
	input  wire          e2_go_i,      // a store that is to be done
	output wire          e2_legal_o,
	// M1: store, also for the window memories
	output wire          m1_store_o,
	output wire [TW-1:0] m1_thread_o,
	output wire [5:0]    m1_row_o,
	output wire [5:0]    m1_row0_o,    // of group 0
	output wire [31:0]   m1_be_o,      // packet only
	output wire [63:0]   m1_wdata_o,
	// M3
	output wire [63:0]   m3_value_o,
	// port B: rows of packets
	input  wire          row_we_i,
	input  wire [TW-1:0] row_thread_i,
	input  wire [5:0]    row_i,
	input  wire [255:0]  row_data_i,
	// port B: operands of map commands, data after two cycles
	input  wire          lm_req_i,
	input  wire [3:0]    lm_tag_i,
	input  wire [TW-1:0] lm_thread_i,
	input  wire [7:0]    lm_word_i,
	output reg  [63:0]   lm_data_o
);
	localparam [3:0] TagStack = `NIC_TAG_STACK;
	localparam       StackWords = `NIC_STACK_BYTES / 8;
	localparam       SW = $clog2(StackWords);

	// E2
	wire        e2_stack;
	wire [63:0] e2_ring;
	wire [2:0]  e2_off    = e2_addr_i[2:0];
	wire [2:0]  e2_last   = {e2_width_i == 3'd3 || e2_width_i[2], e2_width_i[1], e2_width_i != 3'd0};
	wire [2:0]  e2_size   = {e2_width_i == 3'd2 || e2_width_i[2], e2_width_i == 3'd1 || e2_width_i[2], e2_width_i == 3'd0};  // modulo 8
	// -off is ~off + 1.
	wire [2:0]  e2_turn   = (e2_off ^ {3{!e2_swap_i}}) + (e2_swap_i ? e2_size : 3'd1);
	wire [7:0]  e2_span   = 8'hff >> ~e2_last;
	wire [7:0]  e2_active = e2_span << e2_off | e2_span >> (4'd8 - {1'b0, e2_off});  // byte lanes with a byte

	fp_region region (
		.clk_i(clk_i), .e1_front_i(e1_front_i), .e1_end_i(e1_end_i), .e1_width_i(e1_width_i), .e2_addr_i(e2_addr_i),
		.e2_width_i(e2_width_i), .e2_stack_o(e2_stack), .e2_legal_o(e2_legal_o)
	);
	align bytes (
		.turn_i(e2_turn), .reverse_i(e2_swap_i), .in_i(e2_value_i), .out_o(e2_ring)
	);

	// M1
	reg          m1_store_q, m1_stack_q, m1_legal_q, m1_swap_q, m1_sign_q, m1_load_q;
	reg [TW-1:0] m1_thread_q;
	reg [10:0]   m1_offset_q;
	reg [1:0]    m1_width_q;
	reg [7:0]    m1_active_q, m1_first_q;
	reg [63:0]   m1_ring_q;

	always @(posedge clk_i) begin
		m1_store_q  <= e2_go_i;
		m1_stack_q  <= e2_stack;
		m1_legal_q  <= e2_legal_o;
		m1_thread_q <= e2_thread_i;
		m1_offset_q <= e2_addr_i[10:0];
		m1_width_q  <= e2_width_i[1:0];
		m1_swap_q   <= e2_swap_i;
		m1_sign_q   <= e2_sign_i;
		m1_load_q   <= e2_load_i;
		m1_active_q <= e2_active;
		m1_first_q  <= 8'hff << e2_off;
		m1_ring_q   <= e2_ring;
	end

	wire [1:0]   m1_group = m1_offset_q[4:3];
	wire [5:0]   m1_row   = m1_offset_q[10:5];
	wire [7:0]   m1_stack_be = m1_active_q & {8{m1_store_q && m1_stack_q}};
	wire [31:0]  m1_be;
	wire [255:0] m2_row, b_row;
	wire [63:0]  m2_stack, lm_stack;

	genvar g;
	generate
		for (g = 0; g < 4; g = g + 1) begin : g_enable
			localparam [1:0] Here = g, Before = g - 1;

			assign m1_be[8*g +: 8] = {8{m1_store_q && !m1_stack_q}} & m1_active_q
				& (({8{m1_group == Here}} & m1_first_q) | ({8{m1_group == Before}} & ~m1_first_q));
		end
	endgenerate

	assign m1_store_o  = m1_store_q;
	assign m1_thread_o = m1_thread_q;
	assign m1_row_o    = m1_row;
	assign m1_row0_o   = m1_row + {5'd0, m1_group == 2'd3};
	assign m1_be_o     = m1_be;
	assign m1_wdata_o  = m1_ring_q;

	fp_pktmem #(.Threads(Threads), .TW(TW)) packets (
		.clk_i(clk_i), .a_thread_i(m1_thread_q), .a_row_i(m1_row), .a_row0_i(m1_row0_o), .a_be_i(m1_be),
		.a_wdata_i(m1_ring_q), .a_rdata_o(m2_row),
		.b_we_i(row_we_i), .b_thread_i(row_we_i ? row_thread_i : lm_thread_i),
		.b_row_i(row_we_i ? row_i : lm_word_i[7:2]), .b_wdata_i(row_data_i), .b_rdata_o(b_row)
	);
	ram_tdp #(.Bytes(8), .Depth(Threads * StackWords)) stacks (
		.clk_i(clk_i),
		.a_we_i(m1_stack_be), .a_addr_i({m1_thread_q, m1_offset_q[3 +: SW]}), .a_wdata_i(m1_ring_q), .a_rdata_o(m2_stack),
		.b_we_i(8'd0), .b_addr_i({lm_thread_i, lm_word_i[SW-1:0]}), .b_wdata_i(64'd0), .b_rdata_o(lm_stack)
	);

	// M2, M3
	fp_extract extract (
		.clk_i(clk_i), .m1_legal_i(m1_legal_q && m1_load_q), .m1_stack_i(m1_stack_q), .m1_offset_i(m1_offset_q[4:0]),
		.m1_width_i(m1_width_q), .m1_swap_i(m1_swap_q), .m1_sign_i(m1_sign_q),
		.m2_row_i(m2_row), .m2_stack_i(m2_stack), .m3_value_o(m3_value_o)
	);

	// Operands
	reg         lm_from_stack_q;
	reg  [1:0]  lm_group_q;
	wire [63:0] lm_packet;

	mux4 #(.Width(64)) lm_mux (.sel_i(lm_group_q), .in_i(b_row), .out_o(lm_packet));

	always @(posedge clk_i) begin
		lm_from_stack_q <= lm_tag_i == TagStack;
		lm_group_q      <= lm_word_i[1:0];
		lm_data_o       <= lm_from_stack_q ? lm_stack : lm_packet;
	end

`ifndef SYNTHESIS
	always @(posedge clk_i) begin
		if (lm_req_i === 1'b1 && row_we_i === 1'b1)
			$display("fp_local: two users of port B");
		if (m1_store_q === 1'b1 && row_we_i === 1'b1)
			$display("fp_local: a row is written beside a store");
	end
`else
	wire unused = lm_req_i;
`endif
endmodule

`default_nettype wire
