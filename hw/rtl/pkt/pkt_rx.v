// SPDX-License-Identifier: Apache-2.0
//
// Receiver: takes beats from the port, gives each frame the lowest idle context below threads_i and writes it to that
// context's packet buffer. An oversize frame is swallowed.

`include "regs.vh"
`include "ram_style.vh"
`default_nettype none

module pkt_rx #(
	parameter Threads = 16,
	parameter TW = Threads > 1 ? $clog2(Threads) : 1
) (
	input  wire               clk_i,
	input  wire               rst_i,
	input  wire               run_i,
	input  wire [7:0]         threads_i,
	// port
	input  wire               rx_valid_i,
	output wire               rx_ready_o,
	input  wire               rx_last_i,
	input  wire [5:0]         rx_bytes_i,  // of the last beat, 1..32
	// packet buffer, port B; the data goes by
	input  wire               port_busy_i, // the port or the memory is somebody else's in this cycle
	output wire               write_o,
	output wire [TW-1:0]      write_thread_o,
	output wire [5:0]         write_row_o,
	// contexts
	input  wire [Threads-1:0] idle_i,
	output wire               alloc_o,
	output wire               start_o,
	output wire               drop_o,
	output wire [TW-1:0]      thread_o,    // of alloc, start and drop
	output wire [11:0]        start_len_o,
	// number of a thread's packet, combinational
	input  wire [TW-1:0]      number_thread_i,
	output wire [31:0]        number_o
);
	localparam RowBits = $clog2(`NIC_ROW_BYTES);
	localparam [31:0] FrameRows = `NIC_FRAME_MAX / `NIC_ROW_BYTES;
	localparam [6:0] RowsMax = FrameRows[6:0];
	localparam [31:0] HeadRows = `NIC_HEADROOM / `NIC_ROW_BYTES;
	localparam [5:0] FirstRow = HeadRows[5:0];

	reg           middle_q, middle_d;     // of a frame
	reg [TW-1:0]  thread_q, thread_d;
	reg [6:0]     rows_q, rows_d;         // taken of this frame; RowsMax stands for any number above
	reg [31:0]    number_q, number_d;

	wire [Threads-1:0] below;
	wire [Threads-1:0] usable = idle_i & below;
	reg  [TW-1:0]      lowest;
	generate
		genvar t;
		for (t = 0; t < Threads; t = t + 1) begin : g_below
			localparam [7:0] Number = t;
			assign below[t] = Number < threads_i;
		end
	endgenerate

	integer i;
	always @(*) begin
		lowest = {TW{1'b0}};
		for (i = Threads - 1; i >= 0; i = i - 1) if (usable[i]) lowest = i[TW-1:0];
	end

	assign rx_ready_o = run_i && (middle_q || usable != {Threads{1'b0}}) && !port_busy_i;
	wire   take = rx_valid_i && rx_ready_o;
	wire   full = rows_q == RowsMax;

	assign thread_o       = middle_q ? thread_q : lowest;
	assign alloc_o        = take && !middle_q;
	assign start_o        = take && rx_last_i && !full;
	assign drop_o         = take && rx_last_i && full;
	assign start_len_o    = {rows_q, {RowBits{1'b0}}} + {6'd0, rx_bytes_i};
	assign write_o        = take && !full;
	assign write_thread_o = thread_o;
	assign write_row_o    = FirstRow + rows_q[5:0];

	always @(*) begin
		middle_d = middle_q;
		thread_d = thread_q;
		rows_d   = rows_q;
		number_d = number_q;
		if (take) begin
			middle_d = !rx_last_i;
			thread_d = thread_o;
			rows_d   = rx_last_i ? 7'd0 : full ? rows_q : rows_q + 7'd1;
		end
		if (start_o) number_d = number_q + 32'd1;
	end

	`RAM_LUT reg [31:0] number_mem_q [0:Threads-1];
	assign number_o = number_mem_q[number_thread_i];
	always @(posedge clk_i) if (start_o) number_mem_q[thread_o] <= number_q;

	always @(posedge clk_i) begin
		thread_q <= thread_d;
		if (rst_i) begin
			middle_q <= 1'b0;
			rows_q   <= 7'd0;
			number_q <= 32'd0;
		end else begin
			middle_q <= middle_d;
			rows_q   <= rows_d;
			number_q <= number_d;
		end
	end
endmodule

`default_nettype wire
