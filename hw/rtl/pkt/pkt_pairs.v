// SPDX-License-Identifier: Apache-2.0
//
// Rows of frames in a block memory, up to two of them in a word as they come; they go out one by one. A frame can be seen by the reader once
// its last row is written; rows that are there follow each other in every cycle, and the head row stays until it is taken.

`include "regs.vh"
`default_nettype none

module pkt_pairs #(
	parameter Width = 512,                // of a row
	parameter Side = 8,                   // of what goes with all rows of a frame
	parameter Rows = `NIC_STORE_ROWS,     // a power of two
	parameter AW = $clog2(Rows)
) (
	input  wire               clk_i,
	input  wire               rst_i,
	// writer
	input  wire               write_i,
	input  wire               two_i,      // two rows, the first one in the lower half
	input  wire [2*Width-1:0] data_i,
	input  wire               last_i,     // the last of them is the frame's
	input  wire [6:0]         bytes_i,    // in it
	input  wire [Side-1:0]    side_i,
	output wire [AW:0]        used_o,     // rows written and not taken
	// reader
	output wire               valid_o,
	output wire [Width-1:0]   row_o,
	output wire [2*Width-1:0] word_o,     // the word it is in, and whether it is the upper one: for a user that has more to choose
	output wire               upper_o,
	output wire               last_o,
	output wire [6:0]         bytes_o,
	output wire [Side-1:0]    side_o,
	input  wire               take_i
);
	localparam [AW:0] One = {{AW{1'b0}}, 1'b1};
	localparam [6:0]  FullRow = `NIC_BEAT_BYTES;

	reg  [AW:0] wr_q, commit_q, rd_q, next_q, used_q;   // words, but for used_q; next_q is rd_q + 1
	reg         valid_q, second_q;                      // the head is the second row of its word
	wire        two, last;
	wire [6:0]  bytes;
	wire        more = two && !second_q;                // the head's word has another row behind it
	wire        step = take_i && !more;
	wire [AW:0] rd_d = step ? next_q : rd_q;
	wire [AW:0] wr_d = write_i ? wr_q + One : wr_q;

	ram_word #(.Width(2*Width + 2 + 7 + Side), .Depth(Rows)) mem (
		.clk_i(clk_i), .we_i(write_i), .waddr_i(wr_q[AW-1:0]), .wdata_i({side_i, bytes_i, last_i, two_i, data_i}),
		.raddr_i(rd_d[AW-1:0]), .rdata_o({side_o, bytes, last, two, word_o})
	);
	assign used_o  = used_q;
	assign valid_o = valid_q;
	assign upper_o = second_q;
	assign row_o   = second_q ? word_o[2*Width-1:Width] : word_o[Width-1:0];
	assign last_o  = last && !more;
	assign bytes_o = more ? FullRow : bytes;

	always @(posedge clk_i) begin
		if (rst_i) begin
			wr_q     <= {AW+1{1'b0}};
			commit_q <= {AW+1{1'b0}};
			rd_q     <= {AW+1{1'b0}};
			next_q   <= One;
			used_q   <= {AW+1{1'b0}};
			valid_q  <= 1'b0;
			second_q <= 1'b0;
		end else begin
			wr_q     <= wr_d;
			if (write_i && last_i) commit_q <= wr_d;
			rd_q     <= rd_d;
			next_q   <= rd_d + One;
			used_q   <= used_q + {{AW{1'b0}}, write_i} + {{AW{1'b0}}, write_i && two_i} - {{AW{1'b0}}, take_i};
			valid_q  <= step ? next_q != commit_q : rd_q != commit_q;
			if (take_i) second_q <= more;
		end
	end

`ifndef SYNTHESIS
	always @(posedge clk_i) if (!rst_i) begin
		if (take_i && !valid_q) $display("pkt_pairs: a row is taken that is not there");
		if (write_i && used_q >= Rows[AW:0] - {{AW{1'b0}}, two_i}) $display("pkt_pairs: a row is written into a full store");
	end
`endif
endmodule

`default_nettype wire
