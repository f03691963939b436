// SPDX-License-Identifier: Apache-2.0
//
// Sum of the 32 words of a row, 16 bits each, two clocks later.

`default_nettype none

module word_sum (
	input  wire         clk_i,
	input  wire [511:0] words_i,
	output wire [20:0]  sum_o
);
	reg  [17*16-1:0] two_q;
	reg  [19*4-1:0]  eight_q;
	genvar w;
	generate
		for (w = 0; w < 16; w = w + 1) begin : g_two
			always @(posedge clk_i) two_q[17*w +: 17] <= {1'b0, words_i[32*w +: 16]} + {1'b0, words_i[32*w+16 +: 16]};
		end
		for (w = 0; w < 4; w = w + 1) begin : g_eight
			always @(posedge clk_i) eight_q[19*w +: 19] <= ({2'd0, two_q[68*w +: 17]} + {2'd0, two_q[68*w+17 +: 17]})
				+ ({2'd0, two_q[68*w+34 +: 17]} + {2'd0, two_q[68*w+51 +: 17]});
		end
	endgenerate

	assign sum_o = ({2'd0, eight_q[18:0]} + {2'd0, eight_q[37:19]}) + ({2'd0, eight_q[56:38]} + {2'd0, eight_q[75:57]});
endmodule

`default_nettype wire
