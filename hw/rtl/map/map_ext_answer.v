// SPDX-License-Identifier: Apache-2.0
//
// What becomes of words that come from the external map memory: a tile's answer, for the response bus; or the word that engine or host
// have asked for.

`include "map_bus.vh"
`default_nettype none

module map_ext_answer #(
	parameter Cores = 2,
	parameter Lookups = 1,
	parameter SW = 2
) (
	input  wire          clk_i,
	input  wire          rst_i,
	output wire          ready_o,
	input  wire          done_i,
	input  wire [SW-1:0] source_i,
	input  wire          atomic_i,
	input  wire [`MAP_WAY_BITS-1:0] way_i,
	input  wire [255:0]  half_i,
	input  wire [1:0]    place_i,
	input  wire          error_i,
	// engine and host
	output wire          port_done_o,
	output wire          port_host_o,
	output wire [63:0]   port_word_o,
	output wire          port_error_o,
	// lookup units: half a line that one reads
	output wire [Lookups-1:0] look_done_o,
	// answers
	output wire          valid_o,
	output wire [3:0]    tile_o,
	output wire [7:0]    thread_o,
	output wire          fault_o,
	output wire [63:0]   value_o,
	input  wire          pop_i
);
	localparam Answers = 8;
	localparam [3:0] All = Answers;
	localparam [SW:0] CoreCount = Cores[SW:0];
	localparam [31:0] Engine = Cores + Lookups;
	localparam [SW-1:0] Port = Engine[SW-1:0];

	wire         respond, second, swap, sign;
	wire [2:0]   off;
	wire [1:0]   width;
	wire [7:0]   thread;
	assign {respond, second, off, width, swap, sign, thread} = way_i;

	// The lower word of a load across two is kept, turned, until the upper one comes: the tile's next.
	wire         is_tile = {1'b0, source_i} < CoreCount;
	wire [63:0]  word, low_word, turned, value;
	wire         low_error;
	wire         fault = error_i || (second && low_error);
	wire [SW+3:0] number = {4'd0, source_i};
	wire [3:0]   tile = number[3:0];
	wire [3:0]   count;
	mux4 #(.Width(64)) words (.sel_i(place_i), .in_i(half_i), .out_o(word));
	ram_lut #(.Width(65), .Depth(16)) lower (
		.clk_i(clk_i), .we_i(done_i && is_tile && !respond && !atomic_i), .waddr_i(tile), .wdata_i({error_i, turned}),
		.raddr_i(tile), .rdata_o({low_error, low_word})
	);
	map_value load (
		.word_i(word), .second_i(second), .first_i(low_word), .off_i(off), .width_i(width), .swap_i(swap), .sign_i(sign),
		.turned_o(turned), .value_o(value)
	);
	fifo #(.Width(4 + 8 + 1 + 64), .Depth(Answers)) answers (
		.clk_i(clk_i), .rst_i(rst_i), .push_i(done_i && is_tile && respond), .data_i({tile, thread, fault, value}),
		.valid_o(valid_o), .head_o({tile_o, thread_o, fault_o, value_o}), .count_o(count), .pop_i(pop_i)
	);
	wire unused = &{1'b0, number};
	assign ready_o      = count != All;
	genvar u;
	generate
		for (u = 0; u < Lookups; u = u + 1) begin : g_unit
			localparam [31:0] Number = Cores + u;
			assign look_done_o[u] = done_i && source_i == Number[SW-1:0] && !atomic_i;
		end
	endgenerate
	assign port_done_o  = done_i && source_i == Port;
	assign port_host_o  = thread[0];
	assign port_word_o  = word;
	assign port_error_o = error_i;
endmodule

`default_nettype wire
