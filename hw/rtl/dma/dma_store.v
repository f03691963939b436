// SPDX-License-Identifier: Apache-2.0
//
// Frames from the host on their way to one port: rows are promised before they are read from host memory, so there is always
// room for what comes. A frame leaves when it is whole; one that is to be forgotten never does.

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
	// to the port
	input  wire         cut_i,           // the rest of a frame that is being taken is not wanted
	output wire         valid_o,
	input  wire         ready_i,
	output wire [511:0] row_o,
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
	wire        fetch = step && read_q != whole_q;

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

	reg  [AW-1:0] shown_q;                          // row that row_o shows
	ram_sdp #(.Bytes(64), .Depth(Rows)) rows (
		.clk_i(clk_i), .we_i({64{put_i}}), .waddr_i(write_q[AW-1:0]), .wdata_i(row_i),
		.raddr_i(fetch ? read_q[AW-1:0] : shown_q), .rdata_o(row_o)
	);
	wire [7:0]    note;
	ram_lut #(.Width(8), .Depth(Rows)) notes (
		.clk_i(clk_i), .we_i(put_i), .waddr_i(write_q[AW-1:0]), .wdata_i({end_i, count_i}),
		.raddr_i(read_q[AW-1:0]), .rdata_o(note)
	);

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
endmodule

`default_nettype wire
