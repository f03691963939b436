// Generated from hw/spec/isa.def by specgen, do not edit. SPDX-License-Identifier: Apache-2.0
// To be included inside a module, isa.vh before and outside of it.
// isa_decode: {legal, slot, result} of the opcode op; legal is 0 when there is no such opcode.
reg [4:0] isa_decode;
always @(*) begin
	case (op)
		`OP_NOP: isa_decode = {1'b1, `SLOT_A, `RESULT_NONE};
		`OP_ADD: isa_decode = {1'b1, `SLOT_A, `RESULT_NEXT};
		`OP_SUB: isa_decode = {1'b1, `SLOT_A, `RESULT_NEXT};
		`OP_AND: isa_decode = {1'b1, `SLOT_A, `RESULT_NEXT};
		`OP_OR: isa_decode = {1'b1, `SLOT_A, `RESULT_NEXT};
		`OP_XOR: isa_decode = {1'b1, `SLOT_A, `RESULT_NEXT};
		`OP_LSH: isa_decode = {1'b1, `SLOT_A, `RESULT_NEXT};
		`OP_RSH: isa_decode = {1'b1, `SLOT_A, `RESULT_NEXT};
		`OP_ARSH: isa_decode = {1'b1, `SLOT_A, `RESULT_NEXT};
		`OP_MUL: isa_decode = {1'b1, `SLOT_M, `RESULT_NEXT};
		`OP_MOV: isa_decode = {1'b1, `SLOT_A, `RESULT_NEXT};
		`OP_MOVH: isa_decode = {1'b1, `SLOT_A, `RESULT_NEXT};
		`OP_UBFX: isa_decode = {1'b1, `SLOT_A, `RESULT_NEXT};
		`OP_SBFX: isa_decode = {1'b1, `SLOT_A, `RESULT_NEXT};
		`OP_BSWAP: isa_decode = {1'b1, `SLOT_A, `RESULT_NEXT};
		`OP_WUBFX: isa_decode = {1'b1, `SLOT_W, `RESULT_NEXT};
		`OP_WSBFX: isa_decode = {1'b1, `SLOT_W, `RESULT_NEXT};
		`OP_JEQ: isa_decode = {1'b1, `SLOT_B, `RESULT_NONE};
		`OP_JNE: isa_decode = {1'b1, `SLOT_B, `RESULT_NONE};
		`OP_JGT: isa_decode = {1'b1, `SLOT_B, `RESULT_NONE};
		`OP_JGE: isa_decode = {1'b1, `SLOT_B, `RESULT_NONE};
		`OP_JLT: isa_decode = {1'b1, `SLOT_B, `RESULT_NONE};
		`OP_JLE: isa_decode = {1'b1, `SLOT_B, `RESULT_NONE};
		`OP_JSGT: isa_decode = {1'b1, `SLOT_B, `RESULT_NONE};
		`OP_JSGE: isa_decode = {1'b1, `SLOT_B, `RESULT_NONE};
		`OP_JSLT: isa_decode = {1'b1, `SLOT_B, `RESULT_NONE};
		`OP_JSLE: isa_decode = {1'b1, `SLOT_B, `RESULT_NONE};
		`OP_JSET: isa_decode = {1'b1, `SLOT_B, `RESULT_NONE};
		`OP_JNSET: isa_decode = {1'b1, `SLOT_B, `RESULT_NONE};
		`OP_WJEQ: isa_decode = {1'b1, `SLOT_B, `RESULT_NONE};
		`OP_WJNE: isa_decode = {1'b1, `SLOT_B, `RESULT_NONE};
		`OP_WJGT: isa_decode = {1'b1, `SLOT_B, `RESULT_NONE};
		`OP_WJLT: isa_decode = {1'b1, `SLOT_B, `RESULT_NONE};
		`OP_WJEQ4: isa_decode = {1'b1, `SLOT_B, `RESULT_NONE};
		`OP_WJNE4: isa_decode = {1'b1, `SLOT_B, `RESULT_NONE};
		`OP_JMP: isa_decode = {1'b1, `SLOT_A, `RESULT_NONE};
		`OP_EXIT: isa_decode = {1'b1, `SLOT_A, `RESULT_NONE};
		`OP_JMPR: isa_decode = {1'b1, `SLOT_B, `RESULT_NONE};
		`OP_LD: isa_decode = {1'b1, `SLOT_M, `RESULT_NEXT};
		`OP_LDS: isa_decode = {1'b1, `SLOT_M, `RESULT_NEXT};
		`OP_ST: isa_decode = {1'b1, `SLOT_M, `RESULT_NONE};
		`OP_RDT: isa_decode = {1'b1, `SLOT_M, `RESULT_NEXT};
		`OP_RND: isa_decode = {1'b1, `SLOT_M, `RESULT_NEXT};
		`OP_RDIR: isa_decode = {1'b1, `SLOT_M, `RESULT_NONE};
		`OP_ADJH: isa_decode = {1'b1, `SLOT_M, `RESULT_NEXT};
		`OP_ADJT: isa_decode = {1'b1, `SLOT_M, `RESULT_NEXT};
		`OP_ADJM: isa_decode = {1'b1, `SLOT_M, `RESULT_NEXT};
		`OP_MSEL: isa_decode = {1'b1, `SLOT_M, `RESULT_NONE};
		`OP_OADD: isa_decode = {1'b1, `SLOT_M, `RESULT_NEXT};
		`OP_FOLD: isa_decode = {1'b1, `SLOT_M, `RESULT_NEXT};
		`OP_MLD: isa_decode = {1'b1, `SLOT_M, `RESULT_WAIT};
		`OP_MLDS: isa_decode = {1'b1, `SLOT_M, `RESULT_WAIT};
		`OP_MST: isa_decode = {1'b1, `SLOT_M, `RESULT_POST};
		`OP_MADD: isa_decode = {1'b1, `SLOT_M, `RESULT_POST};
		`OP_MAND: isa_decode = {1'b1, `SLOT_M, `RESULT_POST};
		`OP_MOR: isa_decode = {1'b1, `SLOT_M, `RESULT_POST};
		`OP_MXOR: isa_decode = {1'b1, `SLOT_M, `RESULT_POST};
		`OP_MXCHG: isa_decode = {1'b1, `SLOT_M, `RESULT_POST};
		`OP_MCAS: isa_decode = {1'b1, `SLOT_M, `RESULT_POST};
		`OP_DIVU: isa_decode = {1'b1, `SLOT_M, `RESULT_WAIT};
		`OP_MODU: isa_decode = {1'b1, `SLOT_M, `RESULT_WAIT};
		`OP_DIVS: isa_decode = {1'b1, `SLOT_M, `RESULT_WAIT};
		`OP_MODS: isa_decode = {1'b1, `SLOT_M, `RESULT_WAIT};
		`OP_MLOOK: isa_decode = {1'b1, `SLOT_M, `RESULT_WAIT};
		`OP_MUPD: isa_decode = {1'b1, `SLOT_M, `RESULT_WAIT};
		`OP_MDEL: isa_decode = {1'b1, `SLOT_M, `RESULT_WAIT};
		`OP_MCPY: isa_decode = {1'b1, `SLOT_M, `RESULT_WAIT};
		`OP_MLOOKR: isa_decode = {1'b1, `SLOT_M, `RESULT_WAIT};
		default: isa_decode = {1'b0, `SLOT_A, `RESULT_NONE};
	endcase
end
