// SPDX-License-Identifier: Apache-2.0
//
// Where each context's packet lies in its buffer: the start of its metadata, its start, its end. A packet starts at HEADROOM; what
// the last adjustment left is in a memory of its own, and a bit says which holds. Three ports read: pipeline, map commands, sender.

`include "regs.vh"
`default_nettype none

module fp_place #(
	parameter Threads = 16,
	parameter TW = 4
) (
	input  wire            clk_i,
	input  wire            rst_i,
	// a packet starts
	input  wire            start_i,
	input  wire [TW-1:0]   start_thread_i,
	input  wire [11:0]     start_len_i,
	// it is adjusted
	input  wire            move_i,
	input  wire [TW-1:0]   move_thread_i,
	input  wire [10:0]     move_front_i,
	input  wire [10:0]     move_start_i,
	input  wire [11:0]     move_end_i,
	// readers
	input  wire [3*TW-1:0] thread_i,
	output wire [3*11-1:0] front_o,
	output wire [3*11-1:0] start_o,
	output wire [3*12-1:0] end_o
);
	localparam [11:0] Head = `NIC_HEADROOM;
	localparam [Threads-1:0] First = {{Threads-1{1'b0}}, 1'b1};

	reg [Threads-1:0] moved_q, moved_d;

	always @(*) begin
		moved_d = moved_q;
		if (move_i) moved_d = moved_d | First << move_thread_i;
		if (start_i) moved_d = moved_d & ~(First << start_thread_i);
	end

	always @(posedge clk_i) moved_q <= rst_i ? {Threads{1'b0}} : moved_d;

	genvar r;
	generate
		for (r = 0; r < 3; r = r + 1) begin : g_reader
			wire [TW-1:0] thread = thread_i[TW*r +: TW];
			wire          moved = moved_q[thread];
			wire [10:0]   front, start;
			wire [11:0]   first_end, end_;

			ram_lut #(.Width(12), .Depth(Threads)) first (
				.clk_i(clk_i), .we_i(start_i), .waddr_i(start_thread_i), .wdata_i(Head + start_len_i),
				.raddr_i(thread), .rdata_o(first_end)
			);
			ram_lut #(.Width(34), .Depth(Threads)) last (
				.clk_i(clk_i), .we_i(move_i), .waddr_i(move_thread_i), .wdata_i({move_front_i, move_start_i, move_end_i}),
				.raddr_i(thread), .rdata_o({front, start, end_})
			);
			assign front_o[11*r +: 11] = moved ? front : Head[10:0];
			assign start_o[11*r +: 11] = moved ? start : Head[10:0];
			assign end_o[12*r +: 12]   = moved ? end_ : first_end;
		end
	endgenerate
endmodule

`default_nettype wire
