// SPDX-License-Identifier: Apache-2.0
//
// Value of a special operand other than x, in R2; 0 when the code names none.

`include "isa.vh"
`include "regs.vh"
`default_nettype none

module fp_special (
	input  wire          clk_i,
	// R1
	input  wire          none_i,     // the code is none
	input  wire [6:0]    code_i,
	input  wire [7:0]    cpu_i,
	input  wire [10:0]   front_i,    // of the metadata, of the packet, behind it
	input  wire [10:0]   start_i,
	input  wire [11:0]   end_i,
	input  wire [11:0]   len_i,
	input  wire [31:0]   ifindex_i,
	input  wire [7:0]    rxq_i,
	// R2
	output wire [63:0]   r2_value_o
);
	localparam [3:0]  TagPkt = `NIC_TAG_PKT, TagStack = `NIC_TAG_STACK, TagCtx = `NIC_TAG_CTX, TagMap = `NIC_TAG_MAP;
	localparam [31:0] Stack = `NIC_STACK_BYTES;

`ifdef VERILATOR
	// A simulator has done with most operands, which are registers, after a look at the code's top bit.
	reg [63:0] r2_value_q;

	always @(posedge clk_i) begin
		r2_value_q <= 64'd0;
		if (code_i[6] && !none_i)
			case (code_i)
				`SR_IFINDEX:        r2_value_q <= {32'd0, ifindex_i};
				`SR_RXQ:            r2_value_q <= {56'd0, rxq_i};
				`SR_FP:             r2_value_q <= {TagStack, 28'd0, Stack};
				`SR_CTX:            r2_value_q <= {TagCtx, 60'd0};
				`SR_META:           r2_value_q <= {TagPkt, 49'd0, front_i};
				`SR_DATA:           r2_value_q <= {TagPkt, 49'd0, start_i};
				`SR_DATA_END:       r2_value_q <= {TagPkt, 48'd0, end_i};
				`SR_LEN:            r2_value_q <= {52'd0, len_i};
				`SR_CPU:            r2_value_q <= {56'd0, cpu_i};
				`SR_MAP0, `SR_MAP1, `SR_MAP2, `SR_MAP3, `SR_MAP4, `SR_MAP5, `SR_MAP6, `SR_MAP7, `SR_MAP8, `SR_MAP9, `SR_MAP10, `SR_MAP11,
				`SR_MAP12, `SR_MAP13, `SR_MAP14, `SR_MAP15: r2_value_q <= {TagMap, 8'd0, code_i[3:0], 48'd0};
				`SR_OWN0, `SR_OWN1, `SR_OWN2, `SR_OWN3, `SR_OWN4, `SR_OWN5, `SR_OWN6, `SR_OWN7:
					r2_value_q <= {TagMap, 9'd0, code_i[2:0], 37'd0, cpu_i, 3'd0};
				`SR_PAIR0, `SR_PAIR1, `SR_PAIR2, `SR_PAIR3, `SR_PAIR4, `SR_PAIR5, `SR_PAIR6, `SR_PAIR7:
					r2_value_q <= {TagMap, 9'd0, code_i[2:0], 36'd0, cpu_i, 4'd0};
				default:            r2_value_q <= 64'd0;
			endcase
	end
	assign r2_value_o = r2_value_q;
`else
	// In five parts, each 0 unless it is asked for, so that whoever takes the value has an OR to make and no choice.
	reg  [3:0]  r2_tag_q, r2_map_q;
	reg  [11:0] r2_place_q;
	reg  [31:0] r2_number_q;
	reg         r2_stack_q;
	wire        is_end = code_i == `SR_DATA_END, is_len = code_i == `SR_LEN, is_start = code_i == `SR_DATA, is_front = code_i == `SR_META;
	wire        is_cpu = code_i == `SR_CPU, is_rxq = code_i == `SR_RXQ, is_stack = code_i == `SR_FP;
	wire        is_ctx = code_i == `SR_CTX;
	wire [6:0]  map0 = `SR_MAP0, own0 = `SR_OWN0;
	wire        is_map = code_i[6:4] == map0[6:4], is_own = code_i[6:4] == own0[6:4]; // the latter's upper half are pairs
	// Not as a negation: Yosys inverts such a reset for each register anew.
	wire        no_place = code_i != `SR_DATA_END && code_i != `SR_LEN && code_i != `SR_DATA && code_i != `SR_META;
	wire        no_number = code_i != `SR_CPU && code_i != `SR_RXQ && code_i != `SR_IFINDEX && code_i[6:4] != own0[6:4];
	wire [11:0] place, number;
	wire [11:0] own = code_i[3] ? {cpu_i, 4'd0} : {1'b0, cpu_i, 3'd0};

	mux4 #(.Width(12)) places (
		.sel_i({is_len || is_end, is_len || is_start}), .in_i({len_i, end_i, 1'b0, start_i, 1'b0, front_i}), .out_o(place)
	);
	mux4 #(.Width(12)) numbers (
		.sel_i({is_own || is_rxq, is_own || is_cpu}), .in_i({own, 4'd0, rxq_i, 4'd0, cpu_i, ifindex_i[11:0]}), .out_o(number)
	);

	always @(posedge clk_i) begin
		r2_tag_q    <= ({4{is_end || is_start || is_front}} & TagPkt) | ({4{is_stack}} & TagStack) | ({4{is_ctx}} & TagCtx) | ({4{is_map || is_own}} & TagMap);
		r2_map_q    <= {code_i[3] && is_map, code_i[2:0] & {3{is_map || is_own}}};
		r2_place_q  <= place;
		r2_number_q <= {ifindex_i[31:12], number};
		r2_stack_q  <= is_stack;
		if (none_i) r2_tag_q <= 4'd0;
		if (none_i) r2_map_q <= 4'd0;
		if (none_i) r2_stack_q <= 1'b0;
		if (none_i || no_place) r2_place_q <= 12'd0;
		if (none_i || no_number) r2_number_q[11:0] <= 12'd0;
		if (none_i || code_i != `SR_IFINDEX) r2_number_q[31:12] <= 20'd0;
	end
	assign r2_value_o = {r2_tag_q, 8'd0, r2_map_q, 16'd0, r2_number_q | {20'd0, r2_place_q} | (Stack & {32{r2_stack_q}})};
`endif
endmodule

`default_nettype wire
