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

	reg  [Threads-1:0] first_q;       // where it started
	wire [Threads-1:0] starts, moves;

	hot #(.Count(Threads), .NW(TW)) start_set (.valid_i(start_i), .number_i(start_thread_i), .hot_o(starts));
	hot #(.Count(Threads), .NW(TW)) move_set (.valid_i(move_i), .number_i(move_thread_i), .hot_o(moves));

	always @(posedge clk_i) first_q <= rst_i ? {Threads{1'b1}} : (first_q & ~moves) | starts;

	genvar r;
	generate
		for (r = 0; r < 3; r = r + 1) begin : g_reader
			wire [TW-1:0] thread = thread_i[TW*r +: TW];
			wire          is_first = first_q[thread];
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
			assign front_o[11*r +: 11] = is_first ? Head[10:0] : front;
			assign start_o[11*r +: 11] = is_first ? Head[10:0] : start;
			assign end_o[12*r +: 12]   = is_first ? first_end : end_;
		end
	endgenerate
endmodule

`default_nettype wire
