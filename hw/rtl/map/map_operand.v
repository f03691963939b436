// SPDX-License-Identifier: Apache-2.0
//
// Makes the 8-byte words of an operand at any byte address from the memory words that hold it. The user reads the memory
// word raw_word_o names while raw_left_o is not 0 and hands it in with raw_i; takes an operand word with pop_i when
// ready_o. Bytes behind the operand are 0.

`default_nettype none

module map_operand (
	input  wire        clk_i,
	input  wire        rst_i,
	input  wire        start_i,
	input  wire [63:0] ptr_i,
	input  wire [31:0] size_i,       // bytes, 1 or more
	output wire [3:0]  tag_o,        // of the pointer
	output wire [28:0] raw_word_o,   // index of the next memory word
	output wire        raw_last_o,   // it is the last one
	input  wire        raw_i,
	input  wire [63:0] raw_data_i,
	output wire        ready_o,      // the operand word is complete
	output wire        ready_raw_o,  // it is once the next memory word is in
	output wire        ready_pop_o,  // so is the one behind it
	output wire        last_o,       // it is the operand's last
	output wire        done_o,       // all words are taken
	output wire [5:0]  index_o,      // its number, modulo 64
	output wire [63:0] word_o,
	input  wire        pop_i
);
	reg [3:0]  tag_q, tag_d;
	reg [2:0]  off_q, off_d;
	reg [28:0] raw_word_q, raw_word_d;
	reg [29:0] raw_left_q, raw_left_d;   // memory words to come
	reg [31:0] left_q, left_d;           // operand bytes not taken
	reg [1:0]  ahead_q, ahead_d;         // memory words in, less operand words taken
	reg [5:0]  index_q, index_d;
	reg [63:0] now_q, before_q;          // last memory word and the one before

	wire [63:0] joined;
	wire        two = ahead_q == 2'd2;
	map_join join_words (
		.low_i(two ? before_q : now_q), .high_i(two ? now_q : 64'd0), .off_i(off_q), .value_o(joined)
	);

	wire aligned = off_q == 3'd0;
	wire [63:0] keep = last_o ? ~(~64'hff << {left_q[2:0] - 3'd1, 3'd0}) : ~64'd0;

	assign tag_o       = tag_q;
	assign raw_word_o  = raw_word_q;
	assign raw_last_o  = raw_left_q == 30'd1;
	assign ready_o     = (aligned ? ahead_q == 2'd1 : two) || (raw_left_q == 30'd0 && ahead_q != 2'd0);
	assign ready_raw_o = aligned || ahead_q == 2'd1 || raw_last_o;
	assign ready_pop_o = two && raw_left_q == 30'd0;
	assign last_o      = left_q <= 32'd8;
	assign done_o      = left_q == 32'd0;
	assign index_o     = index_q;
	assign word_o      = joined & keep;

	wire [32:0] reach = {1'b0, size_i} + {30'd0, ptr_i[2:0]} + 33'd7;

	always @(*) begin
		tag_d      = tag_q;
		off_d      = off_q;
		raw_word_d = raw_word_q;
		raw_left_d = raw_left_q;
		left_d     = left_q;
		index_d    = index_q;
		ahead_d    = ahead_q + {1'b0, raw_i} - {1'b0, pop_i};
		if (raw_i) begin
			raw_word_d = raw_word_q + 29'd1;
			raw_left_d = raw_left_q - 30'd1;
		end
		if (pop_i) begin
			left_d  = last_o ? 32'd0 : left_q - 32'd8;
			index_d = index_q + 6'd1;
		end
		if (start_i) begin
			tag_d      = ptr_i[63:60];
			off_d      = ptr_i[2:0];
			raw_word_d = ptr_i[31:3];
			raw_left_d = reach[32:3];
			left_d     = size_i;
			index_d    = 6'd0;
			ahead_d    = 2'd0;
		end
	end

	always @(posedge clk_i) begin
		tag_q      <= tag_d;
		off_q      <= off_d;
		raw_word_q <= raw_word_d;
		raw_left_q <= raw_left_d;
		index_q    <= index_d;
		ahead_q    <= ahead_d;
		left_q     <= rst_i ? 32'd0 : left_d;
		if (raw_i) begin
			now_q    <= raw_data_i;
			before_q <= now_q;
		end
	end

	wire unused = &{1'b0, ptr_i[59:32], reach[2:0]};
endmodule

`default_nettype wire
