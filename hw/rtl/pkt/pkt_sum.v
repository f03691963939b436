// SPDX-License-Identifier: Apache-2.0
//
// Sum of a frame's L4 bytes and of its IP addresses, as 16-bit words in network order, row after row. With the pseudo
// header's other words it is 0xffff, when folded, in a packet that is as it was sent.

`default_nettype none

module pkt_sum (
	input  wire         clk_i,
	// S2: where the row that comes to S3 next lies in its frame
	input  wire [4:0]   s2_place_i,
	input  wire [7:0]   s2_l4_i,
	input  wire [16:0]  s2_end_i,
	// S3
	input  wire         s3_first_i,
	input  wire [511:0] s3_data_i,
	input  wire         s3_ip4_i,
	input  wire         s3_ip6_i,
	input  wire [1:0]   s3_tags_i,
	input  wire [16:0]  s3_pseudo_i,   // protocol and L4 length
	// S6, with the last row
	output wire         s6_good_o
);
	localparam [5:0] None = 6'd32;     // words in a row

	// First word of the row that counts, and how many bytes of it do.
	reg  [5:0] from_q;
	reg  [6:0] until_q;
	wire [4:0] l4_row  = {3'd0, s2_l4_i[7:6]};
	wire [10:0] end_row = s2_end_i[16:6];
	wire [10:0] here    = {6'd0, s2_place_i};

	always @(posedge clk_i) begin
		from_q  <= s2_place_i > l4_row ? 6'd0 : s2_place_i == l4_row ? {1'b0, s2_l4_i[5:1]} : None;
		until_q <= end_row > here ? 7'd64 : end_row == here ? {1'b0, s2_end_i[5:0]} : 7'd0;
	end

	// S3: words that count. S5 has the row's sum, S6 the frame's so far.
	wire [511:0] words;
	genvar w;
	generate
		for (w = 0; w < 32; w = w + 1) begin : g_word
			localparam [6:0] Even = 2 * w, Odd = 2 * w + 1;
			localparam [5:0] Number = w;
			// Addresses begin 12 bytes (ip4) or 8 bytes (ip6) behind the start of L3.
			wire at0  = (s3_ip4_i && w >= 13 && w < 17) || (s3_ip6_i && w >= 11 && w < 27);
			wire at1  = (s3_ip4_i && w >= 15 && w < 19) || (s3_ip6_i && w >= 13 && w < 29);
			wire at2  = (s3_ip4_i && w >= 17 && w < 21) || (s3_ip6_i && w >= 15 && w < 31);
			wire addr = s3_first_i && (s3_tags_i[1] ? at2 : s3_tags_i[0] ? at1 : at0);
			wire l4   = Number >= from_q;
			wire even = addr || (l4 && Even < until_q);
			wire odd  = addr || (l4 && Odd < until_q);
			assign words[16*w +: 16] = {s3_data_i[16*w +: 8] & {8{even}}, s3_data_i[16*w+8 +: 8] & {8{odd}}};
		end
	endgenerate

	wire [20:0] row;
	word_sum sum (.clk_i(clk_i), .words_i(words), .sum_o(row));

	reg         s4_first_q, s5_first_q;
	reg  [16:0] s4_pseudo_q, s5_pseudo_q;
	reg  [26:0] sum_q;
	wire [16:0] folded = {1'b0, sum_q[15:0]} + {6'd0, sum_q[26:16]};

	always @(posedge clk_i) begin
		s4_first_q  <= s3_first_i;
		s4_pseudo_q <= s3_pseudo_i;
		s5_first_q  <= s4_first_q;
		s5_pseudo_q <= s4_pseudo_q;
		sum_q       <= (s5_first_q ? {10'd0, s5_pseudo_q} : sum_q) + {6'd0, row};
	end

	// A carry out of the first fold is added by the second one.
	assign s6_good_o = folded == 17'h0ffff || folded == 17'h1fffe;

	wire unused = &{1'b0, s2_l4_i[0]}; // even
endmodule

`default_nettype wire
