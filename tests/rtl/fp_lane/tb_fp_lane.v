// SPDX-License-Identifier: Apache-2.0
//
// fp_lane with a new word every clock: every arithmetic and branch opcode with registers, specials and immediates of
// awkward values, against the operators. Window operands have their own bench.

`include "isa.vh"
`default_nettype none
`ifndef SEED
`define SEED 1
`endif

module tb_fp_lane;
	localparam Words = 30000;

	reg         clk = 0;
	reg  [63:0] word = 0, a = 0, b = 0, x = 0, a_reg = 0, b_reg = 0;
	wire [63:0] e2_sum, e2_b, result;
	wire        a_use, b_use, legal, guard, taken, is_exit, we;
	wire [63:0] a_other, b_other, e1_a, e1_b;
	wire [12:0] target;
	wire [3:0]  dst;

	fp_lane #(.Lane(0), .Lanes(1), .Threads(16), .TW(4)) dut (
		.clk_i(clk), .w_thread_i(4'd0), .w_row_i(6'd0), .w_row0_i(6'd0), .w_be_i(32'd0), .w_data_i(256'd0),
		.r1_thread_i(4'd5), .r1_cpu_i(8'd5), .r1_word_i(word), .r1_x_i(x), .r1_len_i(12'd60), .r1_front_i(11'd256),
		.r1_start_i(11'd256), .r1_start8_i(11'd264), .r1_end_i(12'd316),
		.r1_ifindex_i(32'd7), .r1_rxq_i(32'hdead_beef), .r1_a_use_o(a_use), .r1_a_o(a_other), .r1_b_use_o(b_use),
		.r1_b_o(b_other), .r2_a_i(a), .r2_b_i(b), .e1_use_off_i(1'b0), .e1_off_i(11'd0), .e1_use_time_i(1'b0),
		.e1_time_i(64'd0), .e1_a_o(e1_a), .e1_b_o(e1_b), .e2_use_rnd_i(1'b0), .e2_rnd_i(32'd0), .e2_sum_o(e2_sum),
		.e2_b_o(e2_b), .e2_legal_o(legal), .e2_guard_o(guard), .e2_taken_o(taken), .e2_exit_o(is_exit),
		.e2_target_o(target), .e2_we_o(we), .e2_dst_o(dst), .m3_result_o(result)
	);

	always #5 clk = !clk;
	// Stands in for the register file.
	always @(posedge clk) begin
		a <= a_use ? a_other : a_reg;
		b <= b_use ? b_other : b_reg;
	end

	integer seed = `SEED, n, i;
	reg [7:0]  op;
	reg [63:0] oa, ob;
	reg [63:0] want_q [0:5];
	reg [7:0]  op_q [0:5];
	reg [63:0] word_q [0:5];

	function [63:0] awkward(input dummy);
		begin
			awkward = {$random(seed), $random(seed)};
			case ($unsigned($random(seed)) % 8)
				0: awkward = {64{awkward[0]}};
				1: awkward = 64'd1 << awkward[5:0];
				2: awkward = (64'd1 << awkward[5:0]) - 64'd1;
				3: awkward = {32'd0, awkward[31:0]};
				4: awkward = {{32{1'b1}}, awkward[31:0]};
				5: awkward = {58'd0, awkward[5:0]};
			endcase
		end
	endfunction

	function [63:0] special(input [6:0] code);
		case (code)
			`SR_X:              special = x;
			`SR_FP:             special = {4'd2, 60'd512};
			`SR_CTX:            special = {4'd4, 60'd0};
			`SR_DATA, `SR_META: special = {4'd1, 60'd256};
			`SR_DATA_END:       special = {4'd1, 60'd316};
			`SR_LEN:            special = 64'd60;
			`SR_IFINDEX:        special = 64'd7;
			`SR_RXQ:            special = 64'hdead_beef;
			`SR_CPU:            special = 64'd5;
			default:            special = 64'd0;
		endcase
	endfunction

	function [63:0] field(input [63:0] value, input [5:0] shift, input [5:0] len, input sign);
		reg [6:0] bits;
		begin
			bits  = len == 6'd0 ? 7'd64 : {1'b0, len};
			field = value >> shift;
			if (bits != 7'd64) field = field & ((64'd1 << bits) - 64'd1);
			if (sign && bits != 7'd64 && field[bits - 7'd1]) field = field | ~((64'd1 << bits) - 64'd1);
		end
	endfunction

	function [63:0] reverse(input [63:0] value, input [1:0] width);
		begin
			reverse = {value[7:0], value[15:8], value[23:16], value[31:24], value[39:32], value[47:40], value[55:48],
				value[63:56]};
			reverse = reverse >> (64 - (8 << width));
		end
	endfunction

	// Register result, or for control operations whether they are taken.
	function [63:0] compute(input [7:0] code, input [63:0] w, input [63:0] in_a, input [63:0] in_b);
		reg signed [63:0] sa, sb;
		reg [63:0] ua, ub;
		reg [5:0]  count;
		begin
			ua = w[54] ? {32'd0, in_a[31:0]} : in_a;
			ub = w[54] ? {32'd0, in_b[31:0]} : in_b;
			sa = w[54] ? {{32{in_a[31]}}, in_a[31:0]} : in_a;
			sb = w[54] ? {{32{in_b[31]}}, in_b[31:0]} : in_b;
			count = {in_b[5] && !w[54], in_b[4:0]};
			compute = 64'd0;
			case (code)
				`OP_ADD:   compute = ua + ub;
				`OP_SUB:   compute = ua - ub;
				`OP_AND:   compute = ua & ub;
				`OP_OR:    compute = ua | ub;
				`OP_XOR:   compute = ua ^ ub;
				`OP_LSH:   compute = ua << count;
				`OP_RSH:   compute = ua >> count;
				`OP_ARSH:  compute = sa >>> count;
				`OP_MOV:   compute = ub;
				`OP_MOVH:  compute = {w[31:0], in_a[31:0]};
				`OP_UBFX:  compute = field(in_a, w[5:0], w[11:6], 1'b0);
				`OP_SBFX:  compute = field(in_a, w[5:0], w[11:6], 1'b1);
				`OP_BSWAP: compute = reverse(in_a, w[41:40]);
				`OP_JEQ:   compute = ua == ub;
				`OP_JNE:   compute = ua != ub;
				`OP_JGT:   compute = ua > ub;
				`OP_JGE:   compute = ua >= ub;
				`OP_JLT:   compute = ua < ub;
				`OP_JLE:   compute = ua <= ub;
				`OP_JSGT:  compute = sa > sb;
				`OP_JSGE:  compute = sa >= sb;
				`OP_JSLT:  compute = sa < sb;
				`OP_JSLE:  compute = sa <= sb;
				`OP_JSET:  compute = (ua & ub) != 64'd0;
				`OP_JNSET: compute = (ua & ub) == 64'd0;
				`OP_JMP, `OP_EXIT: compute = 64'd1;
			endcase
			if (w[54] && code < `OP_MOVH) compute = {32'd0, compute[31:0]};
		end
	endfunction

	task fail(input [8*40-1:0] what, input [63:0] of, input [63:0] is, input [63:0] want);
		begin
			$display("FAIL: tb_fp_lane: %0s of word %h is %h, not %h", what, of, is, want);
			$finish;
		end
	endtask

	initial begin
		for (n = 0; n < Words; n = n + 1) begin
			case ($unsigned($random(seed)) % 28)
				0: op = `OP_MOVH;
				1: op = `OP_JMP;
				2: op = `OP_EXIT;
				3: op = `OP_NOP;
				4, 5, 6, 7: op = `OP_MOVH + ($unsigned($random(seed)) % 4);
				8, 9, 10, 11, 12, 13, 14, 15, 16, 17: op = `OP_JEQ + ($unsigned($random(seed)) % 12);
				default: op = `OP_ADD + ($unsigned($random(seed)) % 10);
			endcase
			if (op == `OP_MUL) op = `OP_ADD;
			word        = {$random(seed), $random(seed)};
			word[63:56] = op;
			// Operands are a register or a special, an immediate is a short number now and then.
			word[38]    = $unsigned($random(seed)) % 4 == 0;
			if (!word[53] && op < `OP_UBFX | op > `OP_BSWAP) word[6] = $unsigned($random(seed)) % 4 == 0;
			if (word[53] && $unsigned($random(seed)) % 3 == 0) word[31:6] = {26{word[6]}};
			if (word[53] && op < `OP_MOVH && word[54] && word[31]) word[31] = $random(seed);
			x     = awkward(0);
			a_reg = awkward(0);
			b_reg = $unsigned($random(seed)) % 6 == 0 ? a_reg : awkward(0);
			oa    = word[38] ? special(word[38:32]) : a_reg;
			ob    = word[53] ? {{32{word[31]}}, word[31:0]} : word[6] ? special(word[6:0]) : b_reg;
			for (i = 5; i > 0; i = i - 1) begin
				want_q[i] = want_q[i-1];
				op_q[i]   = op_q[i-1];
				word_q[i] = word_q[i-1];
			end
			want_q[0] = compute(op, word, oa, ob);
			op_q[0]   = op;
			word_q[0] = word;
			@(posedge clk);
			#1;
			if (n > 6) begin
				if (!legal) fail("legality", word_q[2], 0, 1);
				if (we !== (op_q[2] < `OP_JEQ && op_q[2] != `OP_NOP)) fail("write", word_q[2], we, !we);
				if (taken !== (op_q[2] >= `OP_JEQ && want_q[2][0])) fail("taken", word_q[2], taken, !taken);
				if (is_exit !== (op_q[2] == `OP_EXIT)) fail("exit", word_q[2], is_exit, !is_exit);
				if (guard !== word_q[2][55]) fail("guard", word_q[2], guard, !guard);
				if (target !== word_q[2][51:39]) fail("target", word_q[2], target, word_q[2][51:39]);
				if (dst !== word_q[2][52:49]) fail("register", word_q[2], dst, word_q[2][52:49]);
				if (op_q[5] < `OP_JEQ && op_q[5] != `OP_NOP && result !== want_q[5])
					fail("result", word_q[5], result, want_q[5]);
			end
		end
		$display("PASS");
		$finish;
	end
endmodule
