// SPDX-License-Identifier: Apache-2.0
//
// Fetches a key of 1 to 24 bytes from packet or stack for the lookup unit. The words of the next key are asked for while those of
// the last one are still on their way.

`default_nettype none

module map_gather #(
	parameter TW = 4
) (
	input  wire          clk_i,
	input  wire          rst_i,
	// a key; only while free
	output wire          free_o,
	input  wire          start_i,
	input  wire [63:0]   ptr_i,
	input  wire [4:0]    size_i,
	input  wire [7:0]    map_i,
	input  wire [TW-1:0] thread_i,
	// operand port
	output wire          lm_req_o,
	output wire [3:0]    lm_tag_o,
	output wire [TW-1:0] lm_thread_o,
	output wire [7:0]    lm_word_o,
	input  wire          lm_gnt_i,
	input  wire [63:0]   lm_data_i,   // two cycles later
	// the key, in one cycle; in others the key that is given
	input  wire [127:0]  key_i,
	output wire          valid_o,
	output wire [7:0]    map_o,
	output wire [TW-1:0] thread_o,
	output wire [191:0]  key_o       // bytes behind the key are anything
);
	reg          busy_q, busy_d;
	reg [3:0]    tag_q;
	reg [7:0]    word_q, word_d, map_q;
	reg [2:0]    off_q;
	reg [2:0]    count_q, left_q, left_d;   // words of the key, words to ask for
	reg [TW-1:0] thread_q;

	wire [5:0] reach = {1'b0, size_i} + {3'd0, ptr_i[2:0]} + 6'd7;
	wire       last  = left_q == 3'd1;

	assign free_o      = !busy_q;
	assign lm_req_o    = busy_q;
	assign lm_tag_o    = tag_q;
	assign lm_thread_o = thread_q;
	assign lm_word_o   = word_q;

	always @(*) begin
		busy_d = busy_q;
		word_d = word_q;
		left_d = left_q;
		if (lm_gnt_i) begin
			word_d = word_q + 8'd1;
			left_d = left_q - 3'd1;
			if (last) busy_d = 1'b0;
		end
		if (start_i) begin
			busy_d = 1'b1;
			word_d = ptr_i[10:3];
			left_d = reach[5:3];
		end
	end

	// Beside the words under way: is it there, is it the last one, and whose key it is.
	localparam PW = 2 + 3 + 3 + 8 + TW;
	wire          here, here_last;
	wire [2:0]    here_count;
	wire [2:0]    here_off;
	reg [2*PW-1:0] way_q;
	assign {here, here_last, here_count, here_off, map_o, thread_o} = way_q[2*PW-1 -: PW];

	// Each word, turned, makes a key word with the one before it; the last one has the rest of the key.
	reg  [63:0] before_q, first_q, second_q;
	reg  [1:0]  got_q;                      // words of this key before this one
	wire [63:0] turned, joined;
	wire [7:0]  low = 8'hff >> here_off;    // bytes of the first of two words
	align turn_word (.turn_i(here_off), .reverse_i(1'b0), .in_i(lm_data_i), .out_o(turned));
	assign valid_o = here && here_last;

	genvar i;
	generate
		for (i = 0; i < 8; i = i + 1) begin : g_byte
			wire [7:0] now = turned[8*i +: 8], past = before_q[8*i +: 8];
			wire [1:0] word0 = !valid_o ? 2'd3 : here_count > 3'd2 ? 2'd2 : {1'b0, low[i] && here_count == 3'd2};
			wire [1:0] word1 = !valid_o ? 2'd3 : here_count > 3'd3 ? 2'd2 : {1'b0, low[i] && here_count == 3'd3};

			assign joined[8*i +: 8] = low[i] ? past : now;
			mux4 #(.Width(8)) key0 (.sel_i(word0), .in_i({key_i[8*i +: 8], first_q[8*i +: 8], past, now}), .out_o(key_o[8*i +: 8]));
			mux4 #(.Width(8)) key1 (.sel_i(word1), .in_i({key_i[64+8*i +: 8], second_q[8*i +: 8], past, now}), .out_o(key_o[64+8*i +: 8]));
			assign key_o[128+8*i +: 8] = low[i] && here_count[2] ? past : now;
		end
	endgenerate

	always @(posedge clk_i) begin
		busy_q <= busy_d && !rst_i;
		word_q <= word_d;
		left_q <= left_d;
		way_q  <= {way_q[PW-1:0], lm_gnt_i && !rst_i, last, count_q, off_q, map_q, thread_q};
		if (rst_i) way_q[2*PW-1] <= 1'b0;
		if (start_i) begin
			tag_q    <= ptr_i[63:60];
			off_q    <= ptr_i[2:0];
			count_q  <= reach[5:3];
			map_q    <= map_i;
			thread_q <= thread_i;
		end
		if (here) begin
			before_q <= turned;
			got_q    <= got_q + 2'd1;
			if (got_q == 2'd1) first_q <= joined;
			if (got_q == 2'd2) second_q <= joined;
		end
		if (rst_i || valid_o) got_q <= 2'd0;
	end

	wire unused = &{1'b0, ptr_i[59:11], reach[2:0]};
endmodule

`default_nettype wire
