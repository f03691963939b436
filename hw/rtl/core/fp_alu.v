// SPDX-License-Identifier: Apache-2.0
//
// Arithmetic of a lane, operands in E1, result in M3. One right rotator and one mask serve all shifts, bit fields and
// byte swaps: a left shift by n is a rotation by -n that keeps the bits from n on.

`default_nettype none

module fp_alu (
	input  wire        clk_i,
	// E1
	input  wire [63:0] e1_a_i,
	input  wire [63:0] e1_b_i,
	input  wire        e1_w_i,
	input  wire        e1_sub_i,
	input  wire        e1_use_off_i,   // second operand of the adder is off
	input  wire [10:0] e1_off_i,
	input  wire        e1_use_time_i,
	input  wire [63:0] e1_time_i,
	input  wire        e1_use_logic_i,
	input  wire [1:0]  e1_logic_i,
	input  wire        e1_shift_i,
	input  wire        e1_left_i,
	input  wire        e1_bswap_i,
	input  wire        e1_arsh_i,
	input  wire        e1_sbfx_i,
	input  wire [5:0]  e1_last_i,
	input  wire [5:0]  e1_amount_i,    // of the rotation
	output wire        e1_carry_o,     // of a - b: a is not below b
	output wire [63:0] e1_bitwise_o,
	// E2
	input  wire        e2_use_rnd_i,
	input  wire [31:0] e2_rnd_i,
	input  wire        e2_none_i,      // the result is another unit's: here it is 0
	output wire [63:0] e2_sum_o,
	// M3
	output wire [63:0] m3_result_o
);
	reg [63:0] e2_sum_q, e2_logic_q, e2_rot_q, m1_alu_q, m1_rot_q, m2_alu_q, m2_rot_q, m2_keep_q, m3_q;
	reg [1:0]  e2_amount_q;
	reg [5:0]  e2_last_q, m1_above_q;   // the highest bit kept; how many are above it
	reg        e2_w_q, e2_use_logic_q, e2_shift_q, e2_inv_q, e2_sign_q;
	reg        m1_w_q, m1_shift_q, m1_inv_q, m1_sign_q, m1_none_q, m2_w_q, m2_shift_q, m2_inv_q, m2_fill_q, m2_none_q;

	// E1
	wire [63:0] second = e1_use_off_i ? {{53{e1_off_i[10]}}, e1_off_i} : e1_b_i ^ {64{e1_sub_i}};
	wire        carry_in = e1_sub_i && !e1_use_off_i;
	wire [63:0] sum;
`ifdef VERILATOR
	// In words, which is faster in a simulator.
	wire [63:0] half = e1_a_i + second;

	assign sum        = half + {63'd0, carry_in};
	assign e1_carry_o = half < e1_a_i || sum < half;
`else
	wire        unused;

	assign {e1_carry_o, sum, unused} = {1'b0, e1_a_i, 1'b1} + {1'b0, second, carry_in};
`endif
	wire [63:0] rot4, rot16;
	reg  [63:0] bitwise;
	// A right shift of a 64-bit word by n leaves bits 63 - n and below.
	wire [5:0]  highest = {!(e1_arsh_i && e1_w_i) && !e1_amount_i[5], ~e1_amount_i[4:0]};
	wire        over = e1_last_i > highest;

	// A byte swap's amount, 64 - 8n for n bytes, is the mask's. It turns by as many halfwords that byte n is byte 0, mirrors all bytes but
	// this one, and turns by one byte: what was byte n - 1 is first. One byte stays where it is.
	wire [1:0]  by16 = e1_bswap_i ? {e1_amount_i[5] && !e1_amount_i[4], e1_amount_i[4] && !e1_amount_i[3]} : e1_amount_i[5:4];
	wire [1:0]  by4  = e1_bswap_i ? {!e1_amount_i[3], 1'b0} : e1_amount_i[3:2];

`ifdef VERILATOR
	wire [63:0] halves;

	turn #(.Width(64), .Step(16)) rotate16 (.by_i(by16), .in_i(e1_a_i), .out_o(halves));
	assign rot16 = !e1_bswap_i ? halves : {halves[15:8], halves[23:16], halves[31:24], halves[39:32], halves[47:40], halves[55:48],
		halves[63:56], halves[7:0]};
`else
	// A byte and its mirror image are both even or both odd: the same choice of four does both.
	genvar i;
	generate
		for (i = 0; i < 8; i = i + 1) begin : g_byte
			localparam       Half = i / 2, Mirror = (8 - i) % 8 / 2, Byte = 8 * (i % 2);
			localparam [1:0] Away = Mirror - Half;

			mux4 #(.Width(8)) pick (
				.sel_i(by16 + (Away & {2{e1_bswap_i}})),
				.in_i({e1_a_i[16*((Half+3)%4)+Byte +: 8], e1_a_i[16*((Half+2)%4)+Byte +: 8], e1_a_i[16*((Half+1)%4)+Byte +: 8],
					e1_a_i[16*Half+Byte +: 8]}),
				.out_o(rot16[8*i +: 8])
			);
		end
	endgenerate
`endif
	turn #(.Width(64), .Step(4)) rotate4 (.by_i(by4), .in_i(rot16), .out_o(rot4));

	assign e1_bitwise_o = bitwise;

	always @(*) begin
		case (e1_logic_i)
			2'd0: bitwise = e1_a_i & e1_b_i;
			2'd1: bitwise = e1_a_i | e1_b_i;
			2'd2: bitwise = e1_a_i ^ e1_b_i;
			default: bitwise = e1_b_i;
		endcase
		if (e1_use_time_i) bitwise = e1_time_i;
	end

	always @(posedge clk_i) begin
		e2_sum_q       <= sum;
		e2_logic_q     <= bitwise;
		e2_rot_q       <= rot4;
		e2_amount_q    <= e1_amount_i[1:0];
		e2_last_q      <= over ? highest : e1_last_i;
		e2_sign_q      <= e1_arsh_i || (e1_sbfx_i && !over);
		e2_inv_q       <= e1_left_i && e1_amount_i != 6'd0;
		e2_shift_q     <= e1_shift_i;
		e2_use_logic_q <= e1_use_logic_i;
		e2_w_q         <= e1_w_i;
	end

	// E2
	wire [63:0] rot1;

	assign e2_sum_o = e2_sum_q;

	turn #(.Width(64), .Step(1)) rotate1 (.by_i(e2_amount_q), .in_i(e2_rot_q), .out_o(rot1));

	always @(posedge clk_i) begin
		m1_alu_q   <= e2_use_rnd_i ? {32'd0, e2_rnd_i} : e2_use_logic_q ? e2_logic_q : e2_sum_q;
		m1_rot_q   <= rot1;
		m1_above_q <= ~e2_last_q;
		m1_sign_q  <= e2_sign_q;
		m1_inv_q   <= e2_inv_q;
		m1_shift_q <= e2_shift_q;
		m1_w_q     <= e2_w_q;
		m1_none_q  <= e2_none_i;
	end

	// M1
	always @(posedge clk_i) begin
		m2_keep_q  <= {64{1'b1}} >> m1_above_q;
		m2_alu_q   <= m1_alu_q;
		m2_rot_q   <= m1_rot_q;
		m2_fill_q  <= m1_sign_q && m1_rot_q[~m1_above_q];
		m2_inv_q   <= m1_inv_q;
		m2_shift_q <= m1_shift_q;
		m2_w_q     <= m1_w_q || m1_none_q;
		m2_none_q  <= m1_none_q;
	end

	// M2
	wire [63:0] keep   = m2_keep_q ^ {64{m2_inv_q}};
	wire [63:0] result = m2_shift_q ? (keep & m2_rot_q) | (~keep & {64{m2_fill_q}}) : m2_alu_q;

	always @(posedge clk_i) begin
		m3_q[31:0]  <= m2_none_q ? 32'd0 : result[31:0];
		m3_q[63:32] <= m2_w_q ? 32'd0 : result[63:32];
	end

	assign m3_result_o = m3_q;
endmodule

`default_nettype wire
