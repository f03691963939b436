// SPDX-License-Identifier: Apache-2.0
//
// Compares an entry that was read with a lookup's key, and says where the lookup goes on. A chain ends at the entry with the key; a trie is
// followed while its nodes hold, of whose data only the first n bits count, n is the node's.

`default_nettype none

module map_node (
	input  wire         clk_i,
	// an entry and whose lookup reads it
	input  wire [255:0] word_i,      // word 0, then the key
	input  wire [191:0] key_i,
	input  wire [1:0]   key_words_i,
	input  wire         trie_i,
	// in the next cycle
	input  wire         good_i,      // it is an entry of the map
	input  wire [31:0]  entry_i,     // its address
	input  wire [31:0]  best_i,      // of a trie: longest prefix so far, or 0
	output wire [31:0]  next_o,      // the entry to go on to
	output wire         more_o,      // the lookup does
	output wire [31:0]  result_o,    // when it does not: the entry that was found, or 0; of a trie: the longest prefix so far
	output wire         fresh_o      // found, and its reference bit is 0
);
	wire [8:0]   n = word_i[72:64];
	reg  [191:0] diff_q;
	reg  [19:0]  whole_q, part_q;    // bytes that count whole, or only their first bits
	reg  [2:0]   bits_q;
	reg          fits_q, bit_q;      // n is not beyond the lookup's prefix; the lookup's bit n
	reg  [63:0]  word_q;             // word 0
	reg          trie_q;
	wire         bit_n;              // of the lookup's data, whose bit 0 is the highest of byte 0
	wire [7:0]   first_bits = ~(8'hff >> bits_q);
	wire         alike;              // no bit that counts differs
	integer      i;

`ifdef VERILATOR
	// The same, and a simulator looks at single bytes for a trie only.
	wire [255:0] data = {96'd0, key_i[191:32]};
	wire [7:0]   at = {n[7:3], ~n[2:0]};
	reg  [191:0] missed;
	integer      j;
	assign bit_n = trie_i && data[at];
	assign alike = missed == 192'd0;
	always @(*) begin
		missed = diff_q;
		if (trie_q) begin
			missed[31:0] = 32'd0;
			for (j = 0; j < 20; j = j + 1)
				missed[32 + 8*j +: 8] = diff_q[32 + 8*j +: 8] & ({8{whole_q[j]}} | ({8{part_q[j]}} & first_bits));
		end
	end
`else
	wire [255:0] data_bits;
	wire [191:0] counts;
	genvar       g;
	assign counts[31:0]       = {32{!trie_q}};
	assign data_bits[255:160] = 96'd0;
	generate
		for (g = 0; g < 20; g = g + 1) begin : g_byte
			wire [7:0] byte_of = key_i[32 + 8*g +: 8];
			assign data_bits[8*g +: 8] = {byte_of[0], byte_of[1], byte_of[2], byte_of[3], byte_of[4], byte_of[5], byte_of[6], byte_of[7]};
			assign counts[32 + 8*g +: 8] = {8{whole_q[g]}} | ({8{part_q[g]}} & first_bits);
		end
	endgenerate
	assign bit_n = data_bits[n[7:0]];
	assign alike = (diff_q & counts) == 192'd0;
`endif

	always @(posedge clk_i) begin
		for (i = 0; i < 3; i = i + 1)
			diff_q[64*i +: 64] <= (word_i[64+64*i +: 64] ^ key_i[64*i +: 64]) & {64{i[1:0] < key_words_i}};
`ifdef VERILATOR
		if (trie_i)
`endif
		for (i = 0; i < 20; i = i + 1) begin
			whole_q[i] <= !trie_i || n[8:3] > i[5:0];
			part_q[i]  <= trie_i && n[8:3] == i[5:0];
		end
		bits_q <= n[2:0];
		fits_q <= !trie_i || n <= key_i[8:0];
		bit_q  <= trie_i && !n[8] && bit_n;
		word_q <= word_i[63:0];
		trie_q <= trie_i;
	end

	wire same = alike && fits_q;
	wire flag = word_q[0];           // reference bit, or of a trie: the node is but a fork
	assign next_o   = bit_q ? word_q[63:32] : {word_q[31:1], 1'b0};
	assign result_o = good_i && same && !(trie_q && flag) ? entry_i : best_i;
	assign more_o   = good_i && same == trie_q && next_o != 32'd0;
	assign fresh_o  = good_i && same && !flag;
endmodule

`default_nettype wire
