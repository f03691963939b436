// SPDX-License-Identifier: Apache-2.0
//
// One lane: decodes its word, chooses the operands, computes. A lane below 2 has a window port and compares.

`include "isa.vh"
`default_nettype none

module fp_lane #(
	parameter Lane = 0,
	parameter Lanes = 3,
	parameter Threads = 16,
	parameter TW = 4
) (
	input  wire          clk_i,
	// writes to the window memory
	input  wire [TW-1:0] w_thread_i,
	input  wire [5:0]    w_row_i,
	input  wire [5:0]    w_row0_i,
	input  wire [31:0]   w_be_i,
	input  wire [255:0]  w_data_i,
	// R1
	input  wire [TW-1:0] r1_thread_i,
	input  wire [7:0]    r1_cpu_i,
	input  wire [63:0]   r1_word_i,
	input  wire [10:0]   r1_front_i,
	input  wire [10:0]   r1_start_i,
	input  wire [10:0]   r1_start8_i,
	input  wire [11:0]   r1_end_i,
	input  wire [11:0]   r1_len_i,
	input  wire [31:0]   r1_ifindex_i,
	input  wire [7:0]    r1_rxq_i,
	// R1: operands that are neither registers nor x
	output wire          r1_a_none_o,
	output wire          r1_b_none_o,
	// R2: registers and x
	input  wire [63:0]   r2_a_i,
	input  wire [63:0]   r2_b_i,
	// R2: packet bytes that this lane's word takes, and which of them read as 0
	output wire [63:0]   r2_win_o,
	output wire [7:0]    r2_win_zero_o,
	// the last lane may take them from the first two, as operands a and b
	input  wire [63:0]   r2_win_a_i,
	input  wire [7:0]    r2_win_a_zero_i,
	input  wire [63:0]   r2_win_b_i,
	input  wire [7:0]    r2_win_b_zero_i,
	// E1, used in the last lane only
	input  wire          e1_use_off_i,
	input  wire [10:0]   e1_off_i,
	input  wire          e1_use_time_i,
	input  wire [63:0]   e1_time_i,
	output wire [63:0]   e1_a_o,
	output wire [63:0]   e1_b_o,
	output wire          e1_carry_o,
	// E2
	input  wire          e2_use_rnd_i,
	input  wire [31:0]   e2_rnd_i,
	input  wire          e2_none_i,
	output wire [63:0]   e2_sum_o,
	output wire [63:0]   e2_b_o,
	output wire          e2_legal_o,
	output wire          e2_guard_o,
	output wire          e2_taken_o,
	output wire          e2_exit_o,
	output reg  [12:0]   e2_target_o,
	output wire          e2_we_o,
	output wire [3:0]    e2_dst_o,
	// M3
	output wire [63:0]   m3_result_o
);
	localparam [0:0] Control = Lane < 2;
	localparam [0:0] Takes = !Control && Lane == Lanes - 1;

	// R1
	wire        legal, we, w, window, win_swap, b_code_used, b_plain, a_zero_hi, b_zero_hi, b_zero_mid, b_zero_lo;
	wire [1:0]  win_width;
	wire [15:0] win_mask;
	wire [31:0] imm = r1_word_i[`F_imm];
	wire        sub, use_logic, shift, left, bswap, arsh, sbfx, is_exit, jump_a, c_eq, c_lt, c_set, c_inv, c_signed;
	wire [1:0]  logic_op;
	wire [5:0]  last;
	wire [6:0]  a_code = r1_word_i[`F_a];
	wire [6:0]  b_code = r1_word_i[`F_b];

	fp_decode #(.Lane(Lane), .Lanes(Lanes)) decode (
		.word_i(r1_word_i), .legal_o(legal), .we_o(we), .w_o(w),
		.window_o(window), .win_width_o(win_width), .win_swap_o(win_swap), .win_mask_o(win_mask),
		.b_code_o(b_code_used), .b_plain_o(b_plain), .a_zero_hi_o(a_zero_hi),
		.b_zero_hi_o(b_zero_hi), .b_zero_mid_o(b_zero_mid), .b_zero_lo_o(b_zero_lo),
		.sub_o(sub), .use_logic_o(use_logic), .logic_o(logic_op), .shift_o(shift), .left_o(left), .bswap_o(bswap),
		.arsh_o(arsh), .sbfx_o(sbfx), .last_o(last), .exit_o(is_exit), .jump_a_o(jump_a),
		.c_eq_o(c_eq), .c_lt_o(c_lt), .c_set_o(c_set), .c_inv_o(c_inv), .c_signed_o(c_signed)
	);
	wire [63:0] r2_a_special, r2_b_special;

	fp_special special_a (
		.clk_i(clk_i), .none_i(1'b0), .code_i(a_code), .cpu_i(r1_cpu_i), .front_i(r1_front_i), .start_i(r1_start_i), .end_i(r1_end_i), .len_i(r1_len_i),
		.ifindex_i(r1_ifindex_i), .rxq_i(r1_rxq_i), .r2_value_o(r2_a_special)
	);
	fp_special special_b (
		.clk_i(clk_i), .none_i(!b_code_used), .code_i(b_code), .cpu_i(r1_cpu_i), .front_i(r1_front_i), .start_i(r1_start_i), .end_i(r1_end_i), .len_i(r1_len_i),
		.ifindex_i(r1_ifindex_i), .rxq_i(r1_rxq_i), .r2_value_o(r2_b_special)
	);

	// R2
	wire [63:0] r2_packet;
	wire [7:0]  r2_zero;
	wire        r2_window, r2_w, r2_left, r2_bswap, r2_b_ones;
	wire        r2_a_zero_hi, r2_b_zero_hi, r2_b_zero_mid, r2_b_zero_lo;
	wire [1:0]  r2_width;

	assign r1_a_none_o = a_code[6] && a_code != `SR_X;
	assign r1_b_none_o = (b_code[6] && b_code != `SR_X) || !b_code_used;

	wire        r2_win_a, r2_win_b;
	assign r2_win_o      = r2_packet;
	assign r2_win_zero_o = r2_zero | {8{!r2_window}};
	delay #(.Width(2)) win_to_r2 (
		.clk_i(clk_i), .d_i({Takes && a_code == `SR_WIN, Takes && b_code == `SR_WIN && b_code_used}), .q_o({r2_win_a, r2_win_b})
	);
	delay #(.Width(11)) to_r2 (
		.clk_i(clk_i),
		.d_i({window, w, left, bswap, !b_code_used && imm[31] && b_plain,
			a_zero_hi, b_zero_hi, b_zero_mid, b_zero_lo, r1_word_i[`F_width]}),
		.q_o({r2_window, r2_w, r2_left, r2_bswap, r2_b_ones,
			r2_a_zero_hi, r2_b_zero_hi, r2_b_zero_mid, r2_b_zero_lo, r2_width})
	);

	generate
		if (Control) begin : g_window
			fp_window #(.Threads(Threads), .TW(TW)) port (
				.clk_i(clk_i),
				.w_thread_i(w_thread_i), .w_row_i(w_row_i), .w_row0_i(w_row0_i), .w_be_i(w_be_i), .w_data_i(w_data_i),
				.r1_thread_i(r1_thread_i), .r1_start_i(r1_start_i), .r1_start8_i(r1_start8_i), .r1_len_i(r1_len_i),
				.r1_offset_i(r1_word_i[`F_woff]),
				.r1_width_i(win_width), .r1_swap_i(win_swap), .r1_mask_i(win_mask),
				.r2_value_o(r2_packet), .r2_zero_o(r2_zero)
			);
		end else begin : g_no_window
			assign r2_packet = 64'd0;
			assign r2_zero   = 8'd0;
			wire unused = &{1'b0, w_thread_i, w_row_i, w_row0_i, w_be_i, w_data_i, r1_start8_i, win_width, win_swap, win_mask};
		end
	endgenerate

	wire [7:0]  a_zero    = ({8{r2_window}} & r2_zero) | ({8{r2_win_a}} & r2_win_a_zero_i);

	// Of register, special and immediate two are 0.
	reg  [63:0] r2_imm_q;
	wire [63:0] r2_b      = r2_win_b ? r2_win_b_i : r2_imm_q | {{32{r2_b_ones}}, 32'd0} | r2_b_i | r2_b_special;
	wire [5:0]  r2_count  = {r2_b[5] && !r2_w, r2_b[4:0]};
	// A bit of -n is one of n inverted when there is a one below it.
	wire [5:0]  r2_ones   = {r2_b[4:0] != 5'd0, r2_b[3:0] != 4'd0, r2_b[2:0] != 3'd0, r2_b[1:0] != 2'd0, r2_b[0], 1'b0};
	// A byte swap of n bytes shifts the reversed word right by 64 - 8n.
	wire [5:0]  r2_unused = {!r2_width[1] || r2_width == 2'd2, !r2_width[1], r2_width == 2'd0, 3'd0};

	// E1
	reg  [63:0] e1_a_q, e1_b_q;
	reg  [5:0]  e1_amount_q;
	wire        e1_w, e1_sub, e1_use_logic, e1_shift, e1_left, e1_bswap, e1_arsh, e1_sbfx;
	wire        e1_eq, e1_lt, e1_set, e1_inv, e1_signed, e1_carry;
	wire [63:0] e1_bitwise;
	wire [1:0]  e1_logic;
	wire [5:0]  e1_last;

	always @(posedge clk_i) begin
		r2_imm_q <= {imm, imm};
		if (b_plain) r2_imm_q[63:32] <= 32'd0;
		if (b_code_used) r2_imm_q[31:0] <= 32'd0;
		e1_a_q <= r2_window ? r2_packet : r2_win_a ? r2_win_a_i : r2_a_i | r2_a_special;
		e1_b_q <= r2_b;
		if (r2_a_zero_hi) e1_a_q[63:32] <= 32'd0;
		// Of 8, 4, 2 or 1 bytes, or of none.
		if (a_zero[7]) e1_a_q[63:32] <= 32'd0;
		if (a_zero[3]) e1_a_q[31:16] <= 16'd0;
		if (a_zero[1]) e1_a_q[15:8] <= 8'd0;
		if (a_zero[0]) e1_a_q[7:0] <= 8'd0;
		if (r2_win_b && r2_win_b_zero_i[7]) e1_b_q[63:32] <= 32'd0;
		if (r2_win_b && r2_win_b_zero_i[3]) e1_b_q[31:16] <= 16'd0;
		if (r2_win_b && r2_win_b_zero_i[1]) e1_b_q[15:8] <= 8'd0;
		if (r2_win_b && r2_win_b_zero_i[0]) e1_b_q[7:0] <= 8'd0;
		if (r2_b_zero_hi) e1_b_q[63:32] <= 32'd0;
		if (r2_b_zero_mid) e1_b_q[31:16] <= 16'd0;
		if (r2_b_zero_lo) e1_b_q[15:0] <= 16'd0;
		e1_amount_q <= r2_bswap ? r2_unused : r2_count ^ (r2_ones & {6{r2_left}});
	end

	delay #(.Width(21), .Stages(2)) to_e1 (
		.clk_i(clk_i),
		.d_i({w, sub, use_logic, logic_op, shift, left, bswap, arsh, sbfx, last, c_eq, c_lt, c_set, c_inv, c_signed}),
		.q_o({e1_w, e1_sub, e1_use_logic, e1_logic, e1_shift, e1_left, e1_bswap, e1_arsh, e1_sbfx, e1_last,
			e1_eq, e1_lt, e1_set, e1_inv, e1_signed})
	);

	fp_alu alu (
		.clk_i(clk_i), .e1_a_i(e1_a_q), .e1_b_i(e1_b_q), .e1_w_i(e1_w), .e1_sub_i(e1_sub),
		.e1_use_off_i(e1_use_off_i), .e1_off_i(e1_off_i), .e1_use_time_i(e1_use_time_i), .e1_time_i(e1_time_i),
		.e1_use_logic_i(e1_use_logic), .e1_logic_i(e1_logic), .e1_shift_i(e1_shift), .e1_left_i(e1_left),
		.e1_bswap_i(e1_bswap), .e1_arsh_i(e1_arsh), .e1_sbfx_i(e1_sbfx), .e1_last_i(e1_last),
		.e1_amount_i(e1_amount_q), .e1_carry_o(e1_carry), .e1_bitwise_o(e1_bitwise),
		.e2_use_rnd_i(e2_use_rnd_i), .e2_rnd_i(e2_rnd_i), .e2_none_i(e2_none_i), .e2_sum_o(e2_sum_o), .m3_result_o(m3_result_o)
	);

	assign e1_a_o = e1_a_q;
	assign e1_b_o = e1_b_q;
	assign e1_carry_o = e1_carry;

	// E2
	delay #(.Width(64)) b_to_e2 (.clk_i(clk_i), .d_i(e1_b_q), .q_o(e2_b_o));
	wire        e1_jump_a;
	wire [12:0] e1_target;
	delay #(.Width(8), .Stages(3)) to_e2 (
		.clk_i(clk_i), .d_i({legal, r1_word_i[`F_g], is_exit, we, r1_word_i[`F_dst]}),
		.q_o({e2_legal_o, e2_guard_o, e2_exit_o, e2_we_o, e2_dst_o})
	);
	delay #(.Width(14), .Stages(2)) target_to_e1 (.clk_i(clk_i), .d_i({jump_a, r1_word_i[`F_target]}), .q_o({e1_jump_a, e1_target}));
	always @(posedge clk_i) e2_target_o <= e1_jump_a && Control ? e1_a_q[12:0] : e1_target;

	generate
		if (Control) begin : g_cond
			fp_cond cond (
				.clk_i(clk_i), .e1_bitwise_i(e1_bitwise), .e1_a_tops_i({e1_a_q[63], e1_a_q[31]}), .e1_b_tops_i({e1_b_q[63], e1_b_q[31]}),
				.e1_w_i(e1_w), .e1_carry_i(e1_carry),
				.e1_eq_i(e1_eq), .e1_lt_i(e1_lt), .e1_set_i(e1_set), .e1_inv_i(e1_inv), .e1_signed_i(e1_signed),
				.e2_taken_o(e2_taken_o)
			);
		end else begin : g_no_cond
			// Only a jump or an exit, which are taken always.
			delay #(.Width(1)) taken (.clk_i(clk_i), .d_i(e1_inv), .q_o(e2_taken_o));
			wire unused = &{1'b0, e1_eq, e1_lt, e1_set, e1_signed, e1_carry, e1_bitwise};
		end
	endgenerate

	wire unused = &{1'b0, r1_word_i, r1_thread_i, a_code, b_code, r2_zero, a_zero, r2_win_a_i, r2_win_a_zero_i, r2_win_b_i, r2_win_b_zero_i,
		r2_win_a, r2_win_b};
endmodule

`default_nettype wire
