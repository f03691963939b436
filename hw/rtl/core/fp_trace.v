// SPDX-License-Identifier: Apache-2.0
//
// The retire record of each bundle, shown in WB. For simulation: nothing of it is needed by the machine.

`default_nettype none

module fp_trace #(
	parameter Lanes = 3,
	parameter TW = 4
) (
	input  wire                clk_i,
	input  wire                rst_i,
	// E2
	input  wire                e2_valid_i,
	input  wire [TW-1:0]       e2_thread_i,
	input  wire [12:0]         e2_pc_i,
	input  wire [12:0]         e2_next_pc_i,
	input  wire                e2_done_i,
	input  wire [31:0]         e2_ret_i,
	input  wire [7:0]          e2_cause_i,
	input  wire                e2_store_i,
	input  wire [2:0]          e2_width_i,  // its logarithm, or 4 for six bytes
	input  wire                e2_swap_i,
	input  wire                e2_command_i,
	input  wire [7:0]          e2_op_i,
	input  wire [63:0]         e2_addr_i,
	input  wire [63:0]         e2_b_i,
	input  wire [63:0]         e2_c_i,
	// WB
	input  wire [Lanes-1:0]    wb_we_i,
	input  wire [4*Lanes-1:0]  wb_reg_i,
	input  wire [64*Lanes-1:0] wb_value_i,
	// record
	output wire                rt_valid_o,
	output wire [TW-1:0]       rt_thread_o,
	output wire [12:0]         rt_pc_o,
	output wire [12:0]         rt_next_pc_o,
	output wire                rt_exit_o,
	output wire [7:0]          rt_cause_o,
	output wire [31:0]         rt_ret_o,
	output wire [Lanes-1:0]    rt_reg_we_o,
	output wire [4*Lanes-1:0]  rt_reg_o,
	output wire [64*Lanes-1:0] rt_value_o,
	output wire                rt_store_o,
	output wire [3:0]          rt_store_width_o,
	output wire [15:0]         rt_store_tag_offset_o,
	output wire [63:0]         rt_store_value_o,
	output wire [7:0]          rt_cmd_o,
	output wire [63:0]         rt_cmd_addr_o,
	output wire [63:0]         rt_cmd_b_o,
	output wire [63:0]         rt_cmd_c_o
);
	localparam Stages = 4;  // E2 to WB

	wire [2:0]  last  = {e2_width_i == 3'd3 || e2_width_i[2], e2_width_i[1], e2_width_i != 3'd0};
	wire [7:0]  valid = 8'hff >> ~last;
	wire [63:0] memory, stored;
	reg  [Stages-1:0] valid_q;

	// The stored bytes as they lie in memory.
	align bytes (
		.turn_i(e2_swap_i ? last + 3'd1 : 3'd0), .reverse_i(e2_swap_i), .in_i(e2_b_i), .out_o(memory)
	);

	assign stored = memory & {{16{valid[7]}}, {16{valid[5]}}, {16{valid[3]}}, {8{valid[1]}}, 8'hff} & {64{e2_store_i}};

	genvar i;
	generate
		for (i = 0; i < Lanes; i = i + 1) begin : g_lane
			assign rt_reg_o[4*i +: 4]     = wb_reg_i[4*i +: 4] & {4{wb_we_i[i]}};
			assign rt_value_o[64*i +: 64] = wb_value_i[64*i +: 64] & {64{wb_we_i[i]}};
		end
	endgenerate

	delay #(.Width(TW + 13 + 13 + 1 + 8 + 32), .Stages(Stages)) flow (
		.clk_i(clk_i),
		.d_i({e2_thread_i, e2_pc_i, e2_done_i ? 13'd0 : e2_next_pc_i, e2_done_i, e2_cause_i, e2_ret_i}),
		.q_o({rt_thread_o, rt_pc_o, rt_next_pc_o, rt_exit_o, rt_cause_o, rt_ret_o})
	);
	delay #(.Width(1 + 4 + 16 + 64), .Stages(Stages)) store (
		.clk_i(clk_i),
		.d_i({e2_store_i, e2_store_i ? {1'b0, last} + 4'd1 : 4'd0,
			{e2_addr_i[63:60], e2_addr_i[11:0]} & {16{e2_store_i}}, stored}),
		.q_o({rt_store_o, rt_store_width_o, rt_store_tag_offset_o, rt_store_value_o})
	);
	delay #(.Width(8 + 3 * 64), .Stages(Stages)) command (
		.clk_i(clk_i),
		.d_i({e2_op_i, e2_addr_i, e2_b_i, e2_c_i} & {200{e2_command_i}}),
		.q_o({rt_cmd_o, rt_cmd_addr_o, rt_cmd_b_o, rt_cmd_c_o})
	);

	assign rt_valid_o  = valid_q[Stages-1];
	assign rt_reg_we_o = wb_we_i;

	always @(posedge clk_i) begin
		if (rst_i) valid_q <= {Stages{1'b0}};
		else valid_q <= {valid_q[Stages-2:0], e2_valid_i};
	end
	wire unused = &{1'b0, valid};
endmodule

`default_nettype wire
