// SPDX-License-Identifier: Apache-2.0
//
// What a context knows of its packet: length, interface, when it became ready, how many bundles it has executed.

`include "regs.vh"
`default_nettype none

module fp_context #(
	parameter Threads = 16,
	parameter TW = 4
) (
	input  wire          clk_i,
	input  wire          rst_i,
	// host registers
	input  wire [31:0]   watchdog_i,
	input  wire [31:0]   ifindex_i,
	input  wire [31:0]   rxq_i,
	// a packet starts
	input  wire          start_i,
	input  wire [TW-1:0] start_thread_i,
	input  wire [11:0]   start_len_i,
	// map engine
	input  wire [TW-1:0] lenq_thread_i,
	output wire [11:0]   lenq_o,
	// pipeline
	input  wire [TW-1:0] f3_thread_i,
	output reg  [11:0]   r1_len_o,
	output reg  [12:0]   r1_end_o,      // offset behind the packet
	output reg  [31:0]   r1_ifindex_o,
	output reg  [31:0]   r1_rxq_o,
	input  wire [TW-1:0] r2_thread_i,
	input  wire          r2_first_i,
	input  wire [TW-1:0] e1_thread_i,
	input  wire          e2_valid_i,
	input  wire [TW-1:0] e2_thread_i,
	output reg  [31:0]   e2_bundles_o,  // executed with the one in E2
	output reg           e2_late_o,     // and that is as many as the watchdog allows
	output reg  [31:0]   e2_cycles_o    // from the first ready cycle to the one after E2
);
	localparam [12:0] Head = `NIC_HEADROOM;

	reg  [31:0] cycle_q, before_q;      // before_q is the cycle before this one
	reg  [31:0] e1_bundles_q, e2_next_q;
	wire [31:0] f3_ifindex, f3_rxq, r2_bundles, e1_start;
	wire [11:0] f3_len;

	ram_lut #(.Width(12 + 64), .Depth(Threads)) packets (
		.clk_i(clk_i), .we_i(start_i), .waddr_i(start_thread_i), .wdata_i({start_len_i, ifindex_i, rxq_i}),
		.raddr_i(f3_thread_i), .rdata_o({f3_len, f3_ifindex, f3_rxq})
	);
	ram_lut #(.Width(12), .Depth(Threads)) lengths (
		.clk_i(clk_i), .we_i(start_i), .waddr_i(start_thread_i), .wdata_i(start_len_i),
		.raddr_i(lenq_thread_i), .rdata_o(lenq_o)
	);
	ram_lut #(.Width(32), .Depth(Threads)) starts (
		.clk_i(clk_i), .we_i(start_i), .waddr_i(start_thread_i), .wdata_i(before_q),
		.raddr_i(e1_thread_i), .rdata_o(e1_start)
	);
	// The number the next bundle will have.
	ram_lut #(.Width(32), .Depth(Threads)) bundles (
		.clk_i(clk_i), .we_i(e2_valid_i), .waddr_i(e2_thread_i), .wdata_i(e2_next_q),
		.raddr_i(r2_thread_i), .rdata_o(r2_bundles)
	);

	always @(posedge clk_i) begin
		r1_len_o     <= f3_len;
		r1_end_o     <= Head + {1'b0, f3_len};
		r1_ifindex_o <= f3_ifindex;
		r1_rxq_o     <= f3_rxq;
		e1_bundles_q <= r2_first_i ? 32'd1 : r2_bundles;
		e2_bundles_o <= e1_bundles_q;
		e2_next_q    <= e1_bundles_q + 32'd1;
		e2_late_o    <= e1_bundles_q >= watchdog_i;
		e2_cycles_o  <= cycle_q - e1_start;
		before_q     <= cycle_q;
		cycle_q      <= rst_i ? 32'd0 : cycle_q + 32'd1;
	end
endmodule

`default_nettype wire
