// SPDX-License-Identifier: Apache-2.0
//
// The last lane's word as a memory access, a command or a division: what kind it is, its fields and its third operand.

`include "isa.vh"
`include "regs.vh"
`default_nettype none

module fp_command (
	input  wire          clk_i,
	// R1
	input  wire [7:0]    r1_cpu_i,
	input  wire [63:0]   r1_word_i,
	input  wire [10:0]   r1_front_i,
	input  wire [10:0]   r1_start_i,
	input  wire [11:0]   r1_end_i,
	input  wire [11:0]   r1_len_i,
	input  wire [31:0]   r1_ifindex_i,
	input  wire [7:0]    r1_rxq_i,
	// R1: third operand that is neither register nor x
	output wire          r1_c_none_o,
	// R2: register or x
	input  wire [63:0]   r2_c_i,
	// E1
	output wire          e1_use_off_o,   // the adder makes an address
	output wire [10:0]   e1_off_o,
	output wire          e1_use_time_o,
	output wire [2:0]    e1_width_o,     // of a local access: its logarithm, or 4 for six bytes
	output wire          e1_head_o,      // adjustments
	output wire          e1_tail_o,
	input  wire [7:0]    e1_selected_i,  // map
	// E2
	output wire          e2_load_o,      // local load or store
	output wire          e2_store_o,
	output wire          e2_mul_o,
	output wire          e2_rnd_o,
	output wire          e2_rdir_o,
	output wire          e2_msel_o,
	output wire          e2_adjust_o,
	output wire          e2_sum_o,       // one's complement
	output wire          e2_fold_o,
	output wire          e2_map_o,       // command to the map unit
	output wire          e2_div_o,
	output wire          e2_wait_o,      // suspends the thread
	output wire [7:0]    e2_op_o,
	output wire          e2_w_o,
	output wire          e2_fetch_o,
	output wire          e2_spec_o,
	output wire          e2_sign_o,      // load extends the sign
	output wire          e2_swap_o,
	output wire [2:0]    e2_width_o,
	output reg  [7:0]    e2_map_index_o,
	output wire [63:0]   e2_c_o
);
	localparam [7:0] Selected = `NIC_MAP_SELECTED;

	// What hangs on the opcode alone.
	localparam CW = 22;
	`include "isa_decode.vh"

	function [CW-1:0] controls;
		input [7:0] op;
		reg [2:0]   unused_slot;
		reg [1:0]   result;
		reg         load, store, div, atomic, single, call, mul, adjust;
		begin
			{unused_slot, result} = isa_decode(op);
			load     = op == `OP_LD || op == `OP_LDS;
			store    = op == `OP_ST || op == `OP_ST6;
			div      = op == `OP_DIVU || op == `OP_MODU || op == `OP_DIVS || op == `OP_MODS;
			atomic   = op == `OP_MADD || op == `OP_MAND || op == `OP_MOR || op == `OP_MXOR || op == `OP_MXCHG || op == `OP_MCAS;
			single   = op == `OP_MLD || op == `OP_MLDS || op == `OP_MST;
			call     = op == `OP_MLOOK || op == `OP_MUPD || op == `OP_MDEL || op == `OP_MCPY || op == `OP_MLOOKR;
			mul      = op == `OP_MUL;
			adjust   = op == `OP_ADJH || op == `OP_ADJT || op == `OP_ADJM;
			controls = {
				load, store, mul, op == `OP_RND, op == `OP_RDIR, op == `OP_MSEL, adjust, op == `OP_OADD || op == `OP_FOLD,
				op == `OP_FOLD, atomic || single || call, div,
				result == `RESULT_WAIT, atomic, atomic || div || mul, store || atomic || single, op == `OP_RDT,
				load || store || atomic || single || call || div,
				op == `OP_LDS, op == `OP_ADJH, op == `OP_ADJT, op == `OP_MCAS || op == `OP_MUPD, op == `OP_ST6
			};
		end
	endfunction

`ifdef VERILATOR
	// Looked up in a simulator, which else works it out anew in every clock.
	reg [CW-1:0] table_q [0:255];
	integer      n;
	initial for (n = 0; n < 256; n = n + 1) table_q[n] = controls(n[7:0]);
	wire [CW-1:0] control = table_q[r1_word_i[`F_op]];
`else
	wire [CW-1:0] control = controls(r1_word_i[`F_op]);
`endif

	wire is_load, is_store, is_mul, is_rnd, is_rdir, is_msel, is_adjust, is_sum, is_fold, is_map, is_div;
	wire result_waits, is_atomic, has_w, has_off, is_rdt, adds, is_lds, is_adjh, is_adjt, has_c, is_six;

	assign {is_load, is_store, is_mul, is_rnd, is_rdir, is_msel, is_adjust, is_sum, is_fold, is_map, is_div,
		result_waits, is_atomic, has_w, has_off, is_rdt, adds, is_lds, is_adjh, is_adjt, has_c, is_six} = control;

	wire w     = has_w && r1_word_i[`F_w];
	wire fetch = is_atomic && r1_word_i[`F_fetch];
	wire waits = result_waits || fetch;
	// A call has no offset and its address is operand a.
	wire [10:0] off = is_load ? r1_word_i[`F_loff] : has_off ? r1_word_i[`F_off] : 11'd0;

	wire [2:0] width = {is_six, r1_word_i[`F_width] & {2{!is_six}}};

	delay #(.Width(16), .Stages(2)) to_e1 (
		.clk_i(clk_i),
		.d_i({adds, off, is_rdt, width}),
		.q_o({e1_use_off_o, e1_off_o, e1_use_time_o, e1_width_o})
	);
	delay #(.Width(3)) width_to_e2 (.clk_i(clk_i), .d_i(e1_width_o), .q_o(e2_width_o));
	delay #(.Width(25), .Stages(3)) to_e2 (
		.clk_i(clk_i),
		.d_i({is_load, is_store, is_mul, is_rnd, is_rdir, is_msel, is_adjust, is_sum, is_fold,
			is_map, is_div, waits, r1_word_i[`F_op], w, fetch, r1_word_i[`F_spec], is_lds, r1_word_i[`F_swap]}),
		.q_o({e2_load_o, e2_store_o, e2_mul_o, e2_rnd_o, e2_rdir_o, e2_msel_o, e2_adjust_o, e2_sum_o, e2_fold_o,
			e2_map_o, e2_div_o, e2_wait_o, e2_op_o, e2_w_o, e2_fetch_o, e2_spec_o, e2_sign_o, e2_swap_o})
	);

	// The map of a call, or the selected one.
	wire       e1_is_selected;
	wire [7:0] e1_map;
	delay #(.Width(11), .Stages(2)) call_to_e1 (
		.clk_i(clk_i), .d_i({is_adjh, is_adjt, r1_word_i[`F_map] == Selected, r1_word_i[`F_map]}),
		.q_o({e1_head_o, e1_tail_o, e1_is_selected, e1_map})
	);
	always @(posedge clk_i) e2_map_index_o <= e1_is_selected ? e1_selected_i : e1_map;

	// Third operand.
	wire [6:0]  c_code = r1_word_i[`F_c];
	wire        r2_w;
	wire [63:0] r2_special;
	reg  [63:0] e1_c_q;

	assign r1_c_none_o = !has_c || (c_code[6] && c_code != `SR_X);

	fp_special special_c (
		.clk_i(clk_i), .none_i(!has_c), .code_i(c_code), .cpu_i(r1_cpu_i), .front_i(r1_front_i), .start_i(r1_start_i), .end_i(r1_end_i), .len_i(r1_len_i),
		.ifindex_i(r1_ifindex_i), .rxq_i(r1_rxq_i), .r2_value_o(r2_special)
	);
	delay #(.Width(1)) to_r2 (.clk_i(clk_i), .d_i(w), .q_o(r2_w));
	delay #(.Width(64)) c_to_e2 (.clk_i(clk_i), .d_i(e1_c_q), .q_o(e2_c_o));

	always @(posedge clk_i) begin
		e1_c_q <= r2_c_i | r2_special;
		if (r2_w) e1_c_q[63:32] <= 32'd0;
	end

	wire unused = &{1'b0, r1_word_i};
endmodule

`default_nettype wire
