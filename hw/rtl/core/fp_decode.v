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
	output wire        b_code_o,     // b is what its code says, else imm, extended by its sign,
	output wire        b_plain_o,    // or without this imm in bits 63:32
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

	// What hangs on the opcode alone.
	localparam CW = 27;
	`include "isa_decode.vh"

	function [CW-1:0] controls;
		input [7:0] op;
		reg         exists;
		reg [1:0]   slot, result;
		reg         bfx, w2, w4, movh, eq, above, to, from, below, set, jump, branch, plain, atomic;
		reg         div, store, arith, may_w, may_i, drop_b, left, bswap, arsh, shift, inv, signed_;
		reg [1:0]   logic_op;
		begin
			{exists, slot, result} = isa_decode(op);
			bfx      = op == `OP_UBFX || op == `OP_SBFX || op == `OP_WUBFX || op == `OP_WSBFX;
			w2       = op == `OP_WJEQ || op == `OP_WJNE || op == `OP_WJGT || op == `OP_WJLT;
			w4       = op == `OP_WJEQ4 || op == `OP_WJNE4;
			movh     = op == `OP_MOVH;
			eq       = op == `OP_JEQ || op == `OP_JNE || op == `OP_WJEQ || op == `OP_WJNE || w4;
			above    = op == `OP_JGT || op == `OP_WJGT || op == `OP_JSGT;
			to       = op == `OP_JLE || op == `OP_JSLE;
			from     = op == `OP_JGE || op == `OP_JSGE;
			below    = op == `OP_JLT || op == `OP_WJLT || op == `OP_JSLT;
			set      = op == `OP_JSET || op == `OP_JNSET;
			jump     = op == `OP_JMP || op == `OP_JMPR || op == `OP_EXIT;
			branch   = eq || above || to || from || below || set;
			plain    = branch && !w2 && !w4;
			atomic   = op == `OP_MADD || op == `OP_MAND || op == `OP_MOR || op == `OP_MXOR || op == `OP_MXCHG || op == `OP_MCAS;
			div      = op == `OP_DIVU || op == `OP_MODU || op == `OP_DIVS || op == `OP_MODS;
			store    = op == `OP_ST || op == `OP_ST6 || op == `OP_MST;
			arith    = op == `OP_ADD || op == `OP_SUB || op == `OP_AND || op == `OP_OR || op == `OP_XOR || op == `OP_LSH
				|| op == `OP_RSH || op == `OP_ARSH || op == `OP_MUL || op == `OP_MOV;
			may_w    = arith || plain || atomic || div;
			may_i    = arith || plain || store || (atomic && op != `OP_MCAS) || div || op == `OP_EXIT || op == `OP_RDIR
				|| op == `OP_MSEL || op == `OP_OADD || op == `OP_ADJH || op == `OP_ADJT || op == `OP_ADJM;
			drop_b   = op == `OP_MLD || op == `OP_MLDS || op == `OP_MLOOK || op == `OP_MDEL;
			logic_op = op == `OP_AND || set ? 2'd0 : op == `OP_OR || movh ? 2'd1 : op == `OP_XOR || eq || above || to ? 2'd2 : 2'd3;
			left     = op == `OP_LSH;
			bswap    = op == `OP_BSWAP;
			arsh     = op == `OP_ARSH;
			shift    = left || op == `OP_RSH || arsh || bswap || bfx;
			inv      = op == `OP_JNE || op == `OP_WJNE || op == `OP_WJNE4 || above || from || op == `OP_JNSET || jump;
			signed_  = op == `OP_JSGT || op == `OP_JSGE || op == `OP_JSLT || op == `OP_JSLE;
			controls = {
				exists && (slot == `SLOT_A || (slot == `SLOT_M ? Last : Window)), result == `RESULT_NEXT,
				Window && (w2 || w4 || op == `OP_WUBFX || op == `OP_WSBFX), w2, w4, bfx, op != `OP_MOVH, atomic, may_w, may_i, drop_b,
				op == `OP_SUB || branch, !(op == `OP_ADD || op == `OP_SUB), logic_op, shift, left, bswap, arsh,
				op == `OP_SBFX || op == `OP_WSBFX, op == `OP_EXIT, op == `OP_JMPR,
				eq || above || to, above || to || from || below, set, inv, signed_
			};
		end
	endfunction

`ifdef VERILATOR
	// Looked up in a simulator, which else works it out anew in every clock.
	reg [CW-1:0] table_q [0:255];
	integer      n;
	initial for (n = 0; n < 256; n = n + 1) table_q[n] = controls(n[7:0]);
	wire [CW-1:0] control = table_q[word_i[`F_op]];
`else
	wire [CW-1:0] control = controls(word_i[`F_op]);
`endif

	wire is_w2, is_w4, is_bfx, is_plain, is_atomic, has_w, has_imm, no_b;

	assign {legal_o, we_o, window_o, is_w2, is_w4, is_bfx, is_plain, is_atomic, has_w, has_imm, no_b,
		sub_o, use_logic_o, logic_o, shift_o, left_o, bswap_o, arsh_o, sbfx_o, exit_o, jump_a_o,
		c_eq_o, c_lt_o, c_set_o, c_inv_o, c_signed_o} = control;

	assign w_o = has_w && word_i[`F_w];

	assign win_width_o  = is_w4 ? 2'd2 : is_w2 ? {1'b0, word_i[`F_half]} : word_i[`F_width];
	assign win_swap_o   = is_w2 || is_w4 ? word_i[`F_wswap] : word_i[`F_swap];
	assign win_mask_o   = is_w2 ? word_i[`F_mask] : 16'hffff;
	// The shift of a bit field stands in the low bits of imm.
	assign b_code_o     = !(has_imm && word_i[`F_i]) && !is_bfx && !is_w2 && !is_w4 && is_plain;
	assign b_plain_o    = is_plain;
	assign a_zero_hi_o  = (w_o && !is_atomic) || !is_plain;
	assign b_zero_hi_o  = w_o || is_w2 || is_w4 || no_b;
	assign b_zero_mid_o = is_w2 || no_b || !is_plain;
	assign b_zero_lo_o  = no_b || !is_plain;
	assign last_o       = is_bfx ? word_i[`F_len] - 6'd1 : 6'd63;

	wire unused = &{1'b0, word_i};
endmodule

`default_nettype wire
