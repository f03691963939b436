// SPDX-License-Identifier: Apache-2.0
//
// Allocator state of the hash maps: free list head, next unused entry, spare entry, and the hand of tables
// that make room; byte addresses in map memory.
// The engine and the host (only when the NIC is idle) share the one port; each word is written on its own.

`include "ram_style.vh"
`default_nettype none

module map_state #(
	parameter Maps = 64,
	parameter MW = $clog2(Maps)
) (
	input  wire          clk_i,
	input  wire [MW-1:0] map_i,
	input  wire          free_we_i,
	input  wire          next_we_i,
	input  wire          spare_we_i,
	input  wire          hand_we_i,
	input  wire [31:0]   free_i,
	input  wire [31:0]   next_i,
	input  wire [31:0]   spare_i,
	input  wire [31:0]   hand_i,
	output wire [31:0]   free_o,
	output wire [31:0]   next_o,
	output wire [31:0]   spare_o,
	output wire [31:0]   hand_o
);
	`RAM_LUT reg [31:0] free_q  [0:Maps-1];
	`RAM_LUT reg [31:0] next_q  [0:Maps-1];
	`RAM_LUT reg [31:0] spare_q [0:Maps-1];
	`RAM_LUT reg [31:0] hand_q  [0:Maps-1];

	assign free_o  = free_q[map_i];
	assign next_o  = next_q[map_i];
	assign spare_o = spare_q[map_i];
	assign hand_o  = hand_q[map_i];

	always @(posedge clk_i) if (free_we_i) free_q[map_i] <= free_i;
	always @(posedge clk_i) if (next_we_i) next_q[map_i] <= next_i;
	always @(posedge clk_i) if (spare_we_i) spare_q[map_i] <= spare_i;
	always @(posedge clk_i) if (hand_we_i) hand_q[map_i] <= hand_i;
endmodule

`default_nettype wire
