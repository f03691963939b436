// SPDX-License-Identifier: Apache-2.0
//
// Low 64 bits of a product, operands in E1, result in M3. Tiles of 26 x 17 bits, which is what a DSP block multiplies
// unsigned; seven of the twelve count, and of an eighth the low four bits.

`default_nettype none

module fp_mul (
	input  wire        clk_i,
	input  wire [63:0] e1_a_i,
	input  wire [63:0] e1_b_i,
	// M2
	input  wire        m2_none_i,      // nobody asked for a product: it is 0
	input  wire        m2_w_i,         // of 32 bits
	// M3
	output reg  [63:0] m3_product_o
);
`ifdef VERILATOR
	// One product, which is faster in a simulator.
	reg [63:0] e2_q, m1_q, m2_q;

	always @(posedge clk_i) begin
		e2_q         <= e1_a_i * e1_b_i;
		m1_q         <= e2_q;
		m2_q         <= m1_q;
		m3_product_o <= m2_q;
		if (m2_none_i) m3_product_o[31:0] <= 32'd0;
		if (m2_none_i || m2_w_i) m3_product_o[63:32] <= 32'd0;
	end
`else
	wire [25:0] a0 = e1_a_i[25:0];
	wire [25:0] a1 = e1_a_i[51:26];
	wire [11:0] a2 = e1_a_i[63:52];
	wire [16:0] b0 = e1_b_i[16:0];
	wire [16:0] b1 = e1_b_i[33:17];
	wire [16:0] b2 = e1_b_i[50:34];
	wire [12:0] b3 = e1_b_i[63:51];

	reg [42:0] p00_q, p01_q;  // index of a tile, of b tile
	reg [29:0] p02_q;
	reg [12:0] p03_q;
	reg [37:0] p10_q;
	reg [20:0] p11_q;
	reg [3:0]  p12_q;
	reg [11:0] p20_q;
	reg [63:0] low_q, low2_q;
	reg [37:0] mid_q, high_q;
	reg [20:0] top_q;

	// The four low bits of a1 * b2: too small for a DSP block.
	wire [3:0] x = a1[3:0];
	wire [3:0] p12 = (b2[0] ? x : 4'd0) + (b2[1] ? {x[2:0], 1'd0} : 4'd0) + (b2[2] ? {x[1:0], 2'd0} : 4'd0)
		+ (b2[3] ? {x[0], 3'd0} : 4'd0);

	always @(posedge clk_i) begin
		// E1
		p00_q <= {17'd0, a0} * {26'd0, b0};
		p01_q <= {17'd0, a0} * {26'd0, b1};
		p02_q <= {4'd0, a0} * {13'd0, b2};
		p03_q <= a0[12:0] * b3;
		p10_q <= {12'd0, a1} * {21'd0, b0};
		p11_q <= a1[20:0] * {4'd0, b1};
		p12_q <= p12;
		p20_q <= a2 * b0[11:0];
		// E2
		low_q <= {p20_q, 9'd0, p00_q} + {p12_q, p01_q, 17'd0};
		mid_q <= p10_q + {p02_q, 8'd0};
		top_q <= p11_q + {p03_q, 8'd0};
		// M1
		low2_q <= low_q;
		high_q <= mid_q + {top_q, 17'd0};
		// M2
		m3_product_o <= low2_q + {high_q, 26'd0};
		if (m2_none_i) m3_product_o[31:0] <= 32'd0;
		if (m2_none_i || m2_w_i) m3_product_o[63:32] <= 32'd0;
	end
`endif
endmodule

`default_nettype wire
