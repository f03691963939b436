// SPDX-License-Identifier: Apache-2.0
//
// Hash of a key of one to three words, a new key every clock; the hash is there 6 clocks later. The function is that of maps.md.

`default_nettype none

module map_mix (
	input  wire        clk_i,
	input  wire [31:0] seed_i,
	input  wire [63:0] word0_i,
	input  wire [63:0] word1_i,
	input  wire [63:0] word2_i,
	input  wire [1:0]  words_i,      // of the key
	output reg  [31:0] hash_o
);
	localparam [31:0] Mix1 = 32'h7ed55d16, Mix2 = 32'hc761c23c, Mix3 = 32'h165667b1,
		Mix4 = 32'hd3a2646c, Mix5 = 32'hfd7046c5, Mix6 = 32'hb55a4f09;

	function [31:0] absorb;
		input [31:0] h, x;
		reg   [31:0] t;
		begin
			t = h ^ x;
			t = t + {t[19:0], 12'd0};
			absorb = {t[16:0], t[31:17]};
		end
	endfunction

	reg [31:0] h1_q, h2_q, h3_q, h4_q, h5_q;
	reg [63:0] word0_q, word1_q, word1_2_q, word2_q, word2_2_q, word2_3_q;
	reg [1:0]  words_q, words_2_q, words_3_q;
	wire [31:0] f1 = h4_q + Mix1 + {h4_q[19:0], 12'd0};
	wire [31:0] f2 = f1 ^ Mix2 ^ {19'd0, f1[31:19]};
	wire [31:0] f4 = (h5_q + Mix4) ^ {h5_q[22:0], 9'd0};
	wire [31:0] f5 = f4 + Mix5 + {f4[28:0], 3'd0};
	wire [31:0] first  = absorb(absorb(h1_q, word0_q[31:0]), word0_q[63:32]);
	wire [31:0] second = absorb(absorb(h2_q, word1_2_q[31:0]), word1_2_q[63:32]);
	wire [31:0] third  = absorb(absorb(h3_q, word2_3_q[31:0]), word2_3_q[63:32]);

	always @(posedge clk_i) begin
		h1_q      <= seed_i;
		word0_q   <= word0_i;
		word1_q   <= word1_i;
		word2_q   <= word2_i;
		words_q   <= words_i;
		h2_q      <= first;
		word1_2_q <= word1_q;
		word2_2_q <= word2_q;
		words_2_q <= words_q;
		h3_q      <= words_2_q[1] ? second : h2_q;
		word2_3_q <= word2_2_q;
		words_3_q <= words_2_q;
		h4_q      <= words_3_q == 2'd3 ? third : h3_q;
		h5_q      <= f2 + Mix3 + {f2[26:0], 5'd0};
		hash_o    <= f5 ^ Mix6 ^ {16'd0, f5[31:16]};
	end
endmodule

`default_nettype wire
