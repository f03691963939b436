// SPDX-License-Identifier: Apache-2.0
//
// What ingress knows of one tile: idle contexts and rows on their way. From this it says, a cycle later, whether the tile
// is open for a frame and in which context: the next idle one, as the last packet of one that was freed just now may still have to
// leave its buffer, for which the rows of the next one would wait.

`include "regs.vh"
`default_nettype none

module pkt_slots #(
	parameter Threads = 16,
	parameter TW = 4
) (
	input  wire               clk_i,
	input  wire               rst_i,
	input  wire               on_i,          // the tile takes packets
	input  wire [Threads-1:0] below_i,       // threads that do
	// a row for this tile is taken from a port, a frame's first one; a row left the tile's row fifo
	input  wire               row_i,
	input  wire               first_i,
	input  wire               left_i,
	// a context is idle again
	input  wire               free_i,
	input  wire [TW-1:0]      free_thread_i,
	output wire [Threads-1:0] idle_o,
	output wire               open_o,
	output wire [TW-1:0]      thread_o
);
	localparam [31:0] FrameRows = `NIC_FRAME_MAX / `NIC_BEAT_BYTES;
	localparam [31:0] RowsMax = `NIC_ROW_FIFO - FrameRows;
	localparam RW = $clog2(`NIC_ROW_FIFO) + 1;
	localparam [Threads-1:0] First = {{Threads-1{1'b0}}, 1'b1};

	reg  [Threads-1:0] idle_q;
	reg  [RW-1:0]      rows_q;
	reg                open_q;
	reg  [TW-1:0]      thread_q, next;
	reg  [Threads-1:0] after_q;        // behind the context taken last
	wire [Threads-1:0] freed, taken;
	wire [Threads-1:0] usable = (idle_q | freed) & below_i;
	wire [Threads-1:0] later  = usable & after_q;
	wire [Threads-1:0] want   = later != {Threads{1'b0}} ? later : usable;
	integer i;

	hot #(.Count(Threads), .NW(TW)) freed_set (.valid_i(free_i), .number_i(free_thread_i), .hot_o(freed));
	hot #(.Count(Threads), .NW(TW)) taken_set (.valid_i(first_i), .number_i(thread_q), .hot_o(taken));
	assign idle_o   = idle_q;
	assign open_o   = open_q;
	assign thread_o = thread_q;

	always @(*) begin
		next = {TW{1'b0}};
		for (i = Threads - 1; i >= 0; i = i - 1) if (want[i]) next = i[TW-1:0];
	end

	always @(posedge clk_i) begin
		thread_q <= next;
		if (rst_i) begin
			after_q <= {Threads{1'b1}};
			idle_q <= {Threads{1'b1}};
			rows_q <= {RW{1'b0}};
			open_q <= 1'b0;
		end else begin
			if (first_i) after_q <= ~(taken | (taken - First));
			idle_q <= (idle_q & ~taken) | freed;
			rows_q <= rows_q + {{RW-1{1'b0}}, row_i} - {{RW-1{1'b0}}, left_i};
			open_q <= on_i && usable != {Threads{1'b0}} && rows_q <= RowsMax[RW-1:0] && !row_i;
		end
	end

`ifndef SYNTHESIS
	always @(posedge clk_i) if (!rst_i) begin
		if (first_i && !idle_q[thread_q]) $display("pkt_slots: a context in use is taken again");
		if (free_i && idle_q[free_thread_i]) $display("pkt_slots: an idle context is freed");
		if (row_i && rows_q == RowsMax[RW-1:0] + FrameRows[RW-1:0]) $display("pkt_slots: too many rows for a tile");
	end
`endif
endmodule

`default_nettype wire
