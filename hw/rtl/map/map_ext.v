// SPDX-License-Identifier: Apache-2.0
//
// The unit for map memory outside the chip: requests, bus, and what becomes of the words. hw/spec/ext.md.

`include "map_bus.vh"
`default_nettype none

module map_ext #(
	parameter Cores = 2,
	parameter Lookups = 1,
	parameter Requesters = Cores + Lookups + 1, // tiles, lookup units, engine and host
	parameter SW = $clog2(Requesters)
) (
	input  wire          clk_i,
	input  wire          rst_i,
	input  wire          stop_i,      // data path reset
	input  wire [11:0]   mib_i,
	input  wire [Requesters-1:0] want_i,
	input  wire [`MAP_REQ_BITS*Requesters-1:0] req_i,
	input  wire [`MAP_WAY_BITS*Requesters-1:0] way_i,
	input  wire          line_i,      // the engine's is 0 for a whole line
	output wire [Requesters-1:0] gnt_o,
	// lookup units: half a line has come
	output wire [Lookups-1:0] look_done_o,
	output wire [`MAP_WAY_BITS-1:0] look_way_o,
	output wire [255:0]  look_half_o,
	output wire [1:0]    look_place_o,
	output wire          look_error_o,
	// engine and host: the word of a read
	output wire          port_done_o,
	output wire          port_host_o, // the host has asked
	output wire [63:0]   port_word_o,
	output wire          port_error_o,
	// answers for the response bus
	output wire          ans_valid_o,
	output wire [3:0]    ans_tile_o,
	output wire [7:0]    ans_thread_o,
	output wire          ans_fault_o,
	output wire [63:0]   ans_value_o,
	input  wire          ans_pop_i,
	output wire          idle_o,
	output wire          read_error_o,
	output wire          write_error_o,
	// memory
	output wire          ar_valid_o,
	input  wire          ar_ready_i,
	output wire [24:0]   ar_line_o,
	input  wire          r_valid_i,
	output wire          r_ready_o,
	input  wire [511:0]  r_data_i,
	input  wire [1:0]    r_resp_i,
	output wire          aw_valid_o,
	input  wire          aw_ready_i,
	output wire [24:0]   aw_line_o,
	output wire          w_valid_o,
	input  wire          w_ready_i,
	output wire [511:0]  w_data_o,
	output wire [63:0]   w_strb_o,
	input  wire          b_valid_i,
	input  wire [1:0]    b_resp_i
);
	wire          ready, done, atomic, error, bus_idle;
	wire [SW-1:0] source;
	wire [`MAP_WAY_BITS-1:0] way;
	wire [255:0]  half;
	wire [1:0]    place;

	map_ext_bus #(.Requesters(Requesters), .Engine(Cores + Lookups)) bus (
		.clk_i(clk_i), .rst_i(rst_i), .stop_i(stop_i), .mib_i(mib_i), .want_i(want_i), .req_i(req_i), .way_i(way_i), .line_i(line_i),
		.gnt_o(gnt_o), .ready_i(ready), .done_o(done), .source_o(source), .atomic_o(atomic), .way_o(way), .half_o(half), .place_o(place),
		.error_o(error), .idle_o(bus_idle), .read_error_o(read_error_o), .write_error_o(write_error_o),
		.ar_valid_o(ar_valid_o), .ar_ready_i(ar_ready_i), .ar_line_o(ar_line_o),
		.r_valid_i(r_valid_i), .r_ready_o(r_ready_o), .r_data_i(r_data_i), .r_resp_i(r_resp_i),
		.aw_valid_o(aw_valid_o), .aw_ready_i(aw_ready_i), .aw_line_o(aw_line_o), .w_valid_o(w_valid_o), .w_ready_i(w_ready_i),
		.w_data_o(w_data_o), .w_strb_o(w_strb_o), .b_valid_i(b_valid_i), .b_resp_i(b_resp_i)
	);
	map_ext_answer #(.Cores(Cores), .Lookups(Lookups), .SW(SW)) answer (
		.clk_i(clk_i), .rst_i(rst_i || stop_i), .ready_o(ready), .done_i(done), .source_i(source), .atomic_i(atomic), .way_i(way),
		.half_i(half), .place_i(place), .error_i(error),
		.look_done_o(look_done_o), .port_done_o(port_done_o), .port_host_o(port_host_o), .port_word_o(port_word_o), .port_error_o(port_error_o),
		.valid_o(ans_valid_o), .tile_o(ans_tile_o), .thread_o(ans_thread_o), .fault_o(ans_fault_o), .value_o(ans_value_o),
		.pop_i(ans_pop_i)
	);
	assign look_way_o   = way;
	assign look_half_o  = half;
	assign look_place_o = place;
	assign look_error_o = error;
	assign idle_o = bus_idle && !ans_valid_o;
endmodule

`default_nettype wire
