// SPDX-License-Identifier: Apache-2.0
//
// What a lane word asks of operands, arithmetic and control; combinational in R1. The memory and command side of the
// last lane is in fp_command and fp_local.

`include "isa.vh"
`default_nettype none

module fp_decode #(
	parameter Lane = 0,
	parameter Lanes = 3
) (
	input  wire [63:0] word_i,
	output wire        legal_o,      // opcode exists and may stand in this lane
	output wire        we_o,         // has a register result
	output wire        w_o,          // result is 32 bits
	// operands
	output wire        window_o,     // a is packet bytes
	output wire [1:0]  win_width_o,
	output wire        win_swap_o,
	output wire [15:0] win_mask_o,   // of the low two bytes
	output wire        b_imm_o,      // b is imm, extended by its sign
	output wire        b_movh_o,     // or imm in bits 63:32
	output wire        a_zero_hi_o,  // bits 63:32 of a read as 0
	output wire        b_zero_hi_o,  // bits 63:32 of b
	output wire        b_zero_mid_o, // bits 31:16
	output wire        b_zero_lo_o,  // bits 15:0
	// arithmetic
	output wire        sub_o,
	output wire        use_logic_o,
	output wire [1:0]  logic_o,      // and, or, xor, b
	output wire        shift_o,
	output wire        left_o,
	output wire        bswap_o,
	output wire        arsh_o,
	output wire        sbfx_o,
	output wire [5:0]  last_o,       // highest bit kept after a right shift by 0
	// control: taken = inv ^ (any chosen condition)
	output wire        exit_o,
	output wire        jump_a_o,     // the target is a
	output wire        c_eq_o,
	output wire        c_lt_o,
	output wire        c_set_o,
	output wire        c_inv_o,
	output wire        c_signed_o
);
	localparam [0:0] Last   = Lane == Lanes - 1;
	localparam [0:0] Window = Lane < 2;

	wire [7:0] op = word_i[`F_op];
	`include "isa_decode.vh"

	wire       exists;
	wire [1:0] slot, result;
	assign {exists, slot, result} = isa_decode;

	wire slot_ok = slot == `SLOT_A || (slot == `SLOT_M ? Last : Window);
	assign legal_o = exists && slot_ok;
	assign we_o    = result == `RESULT_NEXT;

	wire is_bfx    = op == `OP_UBFX || op == `OP_SBFX || op == `OP_WUBFX || op == `OP_WSBFX;
	wire is_w2     = op == `OP_WJEQ || op == `OP_WJNE || op == `OP_WJGT || op == `OP_WJLT;
	wire is_w4     = op == `OP_WJEQ4 || op == `OP_WJNE4;
	wire is_movh   = op == `OP_MOVH;
	wire is_eq     = op == `OP_JEQ || op == `OP_JNE || op == `OP_WJEQ || op == `OP_WJNE || is_w4;
	wire is_above  = op == `OP_JGT || op == `OP_WJGT || op == `OP_JSGT;
	wire is_to     = op == `OP_JLE || op == `OP_JSLE;
	wire is_from   = op == `OP_JGE || op == `OP_JSGE;
	wire is_below  = op == `OP_JLT || op == `OP_WJLT || op == `OP_JSLT;
	wire is_set    = op == `OP_JSET || op == `OP_JNSET;
	wire is_jump   = op == `OP_JMP || op == `OP_JMPR || op == `OP_EXIT;
	wire is_branch = is_eq || is_above || is_to || is_from || is_below || is_set;
	wire is_atomic = op == `OP_MADD || op == `OP_MAND || op == `OP_MOR || op == `OP_MXOR || op == `OP_MXCHG
		|| op == `OP_MCAS;
	wire is_div    = op == `OP_DIVU || op == `OP_MODU || op == `OP_DIVS || op == `OP_MODS;
	wire is_store  = op == `OP_ST || op == `OP_MST;
	wire is_arith  = op == `OP_ADD || op == `OP_SUB || op == `OP_AND || op == `OP_OR || op == `OP_XOR || op == `OP_LSH
		|| op == `OP_RSH || op == `OP_ARSH || op == `OP_MUL || op == `OP_MOV;
	wire has_w     = is_arith || (is_branch && !is_w2 && !is_w4) || is_atomic || is_div;
	wire has_i     = is_arith || (is_branch && !is_w2 && !is_w4) || is_store || is_div || op == `OP_EXIT || op == `OP_RDIR
		|| op == `OP_MSEL || op == `OP_OADD || op == `OP_ADJH || op == `OP_ADJT || op == `OP_ADJM;
	wire no_b      = op == `OP_MLD || op == `OP_MLDS || op == `OP_MLOOK || op == `OP_MDEL;

	assign w_o = has_w && word_i[`F_w];

	assign window_o     = Window && (is_w2 || is_w4 || op == `OP_WUBFX || op == `OP_WSBFX);
	assign win_width_o  = is_w4 ? 2'd2 : is_w2 ? {1'b0, word_i[`F_half]} : word_i[`F_width];
	assign win_swap_o   = is_w2 || is_w4 ? word_i[`F_wswap] : word_i[`F_swap];
	assign win_mask_o   = is_w2 ? word_i[`F_mask] : 16'hffff;
	// The shift of a bit field stands in the low bits of imm.
	assign b_imm_o      = (has_i && word_i[`F_i]) || is_bfx || is_w2 || is_w4 || is_movh;
	assign b_movh_o     = is_movh;
	assign a_zero_hi_o  = (w_o && !is_atomic) || is_movh;
	assign b_zero_hi_o  = w_o || is_w2 || is_w4 || no_b;
	assign b_zero_mid_o = is_w2 || no_b || is_movh;
	assign b_zero_lo_o  = no_b || is_movh;

	assign sub_o       = op == `OP_SUB || is_branch;
	assign use_logic_o = !(op == `OP_ADD || op == `OP_SUB);
	assign logic_o     = op == `OP_AND ? 2'd0 : op == `OP_OR || is_movh ? 2'd1 : op == `OP_XOR ? 2'd2 : 2'd3;
	assign left_o      = op == `OP_LSH;
	assign bswap_o     = op == `OP_BSWAP;
	assign arsh_o      = op == `OP_ARSH;
	assign sbfx_o      = op == `OP_SBFX || op == `OP_WSBFX;
	assign shift_o     = left_o || op == `OP_RSH || arsh_o || bswap_o || is_bfx;
	assign last_o      = is_bfx ? word_i[`F_len] - 6'd1 : 6'd63;

	assign exit_o     = op == `OP_EXIT;
	assign jump_a_o   = op == `OP_JMPR;
	assign c_eq_o     = is_eq || is_above || is_to;
	assign c_lt_o     = is_above || is_to || is_from || is_below;
	assign c_set_o    = is_set;
	assign c_inv_o    = op == `OP_JNE || op == `OP_WJNE || op == `OP_WJNE4 || is_above || is_from || op == `OP_JNSET
		|| is_jump;
	assign c_signed_o = op == `OP_JSGT || op == `OP_JSGE || op == `OP_JSLT || op == `OP_JSLE;

	wire unused = &{1'b0, word_i};
endmodule

`default_nettype wire
