// SPDX-License-Identifier: Apache-2.0
//
// Frames from the host on their way to one port: rows are promised before they are read from host memory, so there is always
// room for what comes. A frame leaves when it is whole and its word is there; one that is to be forgotten never does.

`include "ram_style.vh"
`default_nettype none

module dma_store #(
	parameter Rows = 128,
	parameter AW = $clog2(Rows)
) (
	input  wire         clk_i,
	input  wire         rst_i,
	output wire [7:0]   room_o,          // rows that can still be promised
	input  wire         promise_i,
	input  wire [4:0]   promise_rows_i,
	// rows of frames
	input  wire         put_i,
	input  wire         forget_i,        // this row and those of its frame before it
	input  wire         end_i,           // of the frame
	input  wire [4:0]   promised_i,      // to the frame, with its end
	input  wire [511:0] row_i,
	input  wire [6:0]   count_i,         // bytes of the row
	// for each whole frame, in order: {checksum wanted, its place, checksum}
	input  wire         word_valid_i,
	input  wire [27:0]  word_i,
	// to the port
	input  wire         cut_i,           // the rest of a frame that is being taken is not wanted
	output wire         valid_o,
	input  wire         ready_i,
	output reg  [511:0] row_o,
	output reg          last_o,
	output reg  [6:0]   count_o
);
	localparam [AW:0] One = 1;
	localparam [31:0] Count = Rows;

	reg  [AW:0] write_q, write_d, whole_q, whole_d, read_q, read_d;
	reg  [7:0]  room_q, room_d;
	wire [AW:0] used = write_q - whole_q + One;     // rows of the frame with this one
	reg         valid_q, middle_q, skip_q; // a row is on show; in the middle of a frame; its rest goes nowhere
	wire        gone = valid_q && (ready_i || skip_q);
	wire        step = !valid_q || gone;
	reg         begin_q;                   // the next row to be shown begins a frame
	wire        word_valid;
	wire [27:0] word;
	wire        fetch = step && read_q != whole_q && (!begin_q || word_valid);

	assign room_o  = room_q;
	assign valid_o = valid_q && !skip_q;

	always @(*) begin
		write_d = write_q;
		whole_d = whole_q;
		read_d  = read_q;
		room_d  = room_q;
		if (put_i) begin
			write_d = forget_i ? whole_q : write_q + One;
			if (end_i && !forget_i) whole_d = write_q + One;
			if (end_i) room_d = room_d + {3'd0, promised_i} - (forget_i ? 8'd0 : used[7:0]);
		end
		if (promise_i) room_d = room_d - {3'd0, promise_rows_i};
		if (fetch) read_d = read_q + One;
		// The row on show keeps its place.
		if (gone) room_d = room_d + 8'd1;
	end

	wire [AW:0]   count_unused;
	fifo #(.Width(28), .Depth(Rows)) words (
		.clk_i(clk_i), .rst_i(rst_i), .push_i(word_valid_i), .data_i(word_i),
		.valid_o(word_valid), .head_o(word), .count_o(count_unused), .pop_i(fetch && begin_q)
	);
	wire [511:0]  row;
	reg  [AW-1:0] shown_q;                          // row that row_o shows
	ram_sdp #(.Bytes(64), .Depth(Rows)) rows (
		.clk_i(clk_i), .we_i({64{put_i}}), .waddr_i(write_q[AW-1:0]), .wdata_i(row_i),
		.raddr_i(fetch ? read_q[AW-1:0] : shown_q), .rdata_o(row)
	);
	wire [7:0]    note;
	ram_lut #(.Width(8), .Depth(Rows)) notes (
		.clk_i(clk_i), .we_i(put_i), .waddr_i(write_q[AW-1:0]), .wdata_i({end_i, count_i}),
		.raddr_i(read_q[AW-1:0]), .rdata_o(note)
	);

	// The checksum takes the place of two bytes, which two rows may share.
	reg  [4:0]  place_q;                            // of the row in its frame
	reg         wanted_q;
	reg  [11:0] high_q, low_q;
	reg  [15:0] csum_q;
	integer     n;

	always @(*) begin
		row_o = row;
		n = 0;
		if (wanted_q && high_q[11:6] == {1'b0, place_q})
			for (n = 0; n < 64; n = n + 1)
				if (high_q[5:0] == n[5:0]) row_o[8*n +: 8] = csum_q[15:8];
		if (wanted_q && low_q[11:6] == {1'b0, place_q})
			for (n = 0; n < 64; n = n + 1)
				if (low_q[5:0] == n[5:0]) row_o[8*n +: 8] = csum_q[7:0];
	end

	always @(posedge clk_i) begin
		if (fetch) place_q <= begin_q ? 5'd0 : place_q + 5'd1;
		if (fetch && begin_q) begin
			{wanted_q, high_q, csum_q} <= {word[27], 1'b0, word[26:0]};
			low_q <= {1'b0, word[26:16]} + 12'd1;
		end
		begin_q <= rst_i || (fetch ? note[7] : begin_q);
	end

	always @(posedge clk_i) begin
		if (fetch) begin
			shown_q <= read_q[AW-1:0];
			{last_o, count_o} <= note;
		end
		if (rst_i) begin
			write_q <= {AW+1{1'b0}};
			whole_q <= {AW+1{1'b0}};
			read_q  <= {AW+1{1'b0}};
			room_q  <= Count[7:0];
			valid_q <= 1'b0;
			middle_q <= 1'b0;
			skip_q  <= 1'b0;
		end else begin
			write_q <= write_d;
			whole_q <= whole_d;
			read_q  <= read_d;
			room_q  <= room_d;
			if (step) valid_q <= fetch;
			if (gone) middle_q <= !last_o;
			skip_q  <= (skip_q || cut_i) && (gone ? !last_o : middle_q);
		end
	end

	wire unused = &{1'b0, count_unused};
endmodule

`default_nettype wire
