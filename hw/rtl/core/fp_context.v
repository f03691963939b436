// SPDX-License-Identifier: Apache-2.0
//
// What a context knows of its packet: where it lies, its interface, when it became ready, how many bundles it has executed.

`include "regs.vh"
`default_nettype none

module fp_context #(
	parameter Threads = 16,
	parameter Trace = 1,            // 0: cycles are not counted
	parameter TW = 4
) (
	input  wire          clk_i,
	input  wire          rst_i,
	// host registers
	input  wire [31:0]   watchdog_i,
	input  wire [31:0]   ifindex_i,
	// a packet starts
	input  wire          start_i,
	input  wire [TW-1:0] start_thread_i,
	input  wire [11:0]   start_len_i,
	// its receive queue, at the latest in the cycle in which it is issued for the first time and two behind it
	input  wire          rxq_we_i,
	input  wire [TW-1:0] rxq_thread_i,
	input  wire [7:0]    rxq_i,
	// it is adjusted
	input  wire          move_i,
	input  wire [TW-1:0] move_thread_i,
	input  wire [10:0]   move_front_i,
	input  wire [10:0]   move_start_i,
	input  wire [11:0]   move_end_i,
	// where packets lie: for map commands, and for the sender
	input  wire [TW-1:0] map_thread_i,
	output wire [10:0]   map_front_o,
	output wire [11:0]   map_end_o,
	input  wire [TW-1:0] send_thread_i,
	output wire [10:0]   send_front_o,
	output wire [10:0]   send_start_o,
	output wire [11:0]   send_end_o,
	// pipeline
	input  wire [TW-1:0] f3_thread_i,
	output reg  [10:0]   r1_front_o,    // of the metadata
	output reg  [10:0]   r1_start_o,    // of the packet
	output reg  [10:0]   r1_start8_o,   // and eight bytes on
	output reg  [11:0]   r1_end_o,      // behind the packet
	output reg  [11:0]   r1_len_o,
	output reg  [31:0]   r1_ifindex_o,
	output reg  [7:0]    r1_rxq_o,
	input  wire [TW-1:0] r2_thread_i,
	input  wire          r2_first_i,
	input  wire [TW-1:0] e1_thread_i,
	input  wire          e2_valid_i,
	input  wire [TW-1:0] e2_thread_i,
	output reg  [31:0]   e2_bundles_o,  // executed with the one in E2
	output reg           e2_late_o,     // and that is as many as the watchdog allows
	output wire [31:0]   e2_cycles_o    // from the first ready cycle to the one after E2
);
	reg  [31:0] e1_bundles_q, e2_next_q;
	wire [31:0] f3_ifindex, r2_bundles;
	wire [7:0]  f3_rxq;
	wire [10:0] f3_front, f3_start, unused_start;
	wire [11:0] f3_end;

	fp_place #(.Threads(Threads), .TW(TW)) places (
		.clk_i(clk_i), .rst_i(rst_i), .start_i(start_i), .start_thread_i(start_thread_i), .start_len_i(start_len_i),
		.move_i(move_i), .move_thread_i(move_thread_i), .move_front_i(move_front_i), .move_start_i(move_start_i), .move_end_i(move_end_i),
		.thread_i({send_thread_i, map_thread_i, f3_thread_i}), .front_o({send_front_o, map_front_o, f3_front}),
		.start_o({send_start_o, unused_start, f3_start}), .end_o({send_end_o, map_end_o, f3_end})
	);
	ram_lut #(.Width(32), .Depth(Threads)) interfaces (
		.clk_i(clk_i), .we_i(start_i), .waddr_i(start_thread_i), .wdata_i(ifindex_i),
		.raddr_i(f3_thread_i), .rdata_o(f3_ifindex)
	);
	ram_lut #(.Width(8), .Depth(Threads)) queues (
		.clk_i(clk_i), .we_i(rxq_we_i), .waddr_i(rxq_thread_i), .wdata_i(rxq_i),
		.raddr_i(f3_thread_i), .rdata_o(f3_rxq)
	);
	generate
		if (Trace != 0) begin : g_cycles
			reg  [31:0] cycle_q, before_q, e2_cycles_q;      // before_q is the cycle before this one
			wire [31:0] e1_start;
			ram_lut #(.Width(32), .Depth(Threads)) starts (
				.clk_i(clk_i), .we_i(start_i), .waddr_i(start_thread_i), .wdata_i(before_q),
				.raddr_i(e1_thread_i), .rdata_o(e1_start)
			);
			always @(posedge clk_i) begin
				e2_cycles_q <= cycle_q - e1_start;
				before_q    <= cycle_q;
				cycle_q     <= rst_i ? 32'd0 : cycle_q + 32'd1;
			end
			assign e2_cycles_o = e2_cycles_q;
		end else begin : g_no_cycles
			assign e2_cycles_o = 32'd0;
			wire unused_thread = &{1'b0, e1_thread_i};
		end
	endgenerate
	// The number the next bundle will have.
	ram_lut #(.Width(32), .Depth(Threads)) bundles (
		.clk_i(clk_i), .we_i(e2_valid_i), .waddr_i(e2_thread_i), .wdata_i(e2_next_q),
		.raddr_i(r2_thread_i), .rdata_o(r2_bundles)
	);

	always @(posedge clk_i) begin
		r1_front_o   <= f3_front;
		r1_start_o   <= f3_start;
		r1_start8_o  <= f3_start + 11'd8;
		r1_end_o     <= f3_end;
		r1_len_o     <= f3_end - {1'b0, f3_start};
		r1_ifindex_o <= f3_ifindex;
		r1_rxq_o     <= f3_rxq;
		e1_bundles_q <= r2_first_i ? 32'd1 : r2_bundles;
		e2_bundles_o <= e1_bundles_q;
		e2_next_q    <= e1_bundles_q + 32'd1;
		e2_late_o    <= e1_bundles_q >= watchdog_i;
	end

	wire unused = &{1'b0, unused_start};
endmodule

`default_nettype wire
