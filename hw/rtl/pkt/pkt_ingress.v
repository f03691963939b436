// SPDX-License-Identifier: Apache-2.0
//
// Takes frames from the ports in turn, one row a clock, and gives each a tile, a context and a number.

`include "regs.vh"
`default_nettype none

module pkt_ingress #(
	parameter Cores = 2,
	parameter Threads = 16,
	parameter Ports = 2,
	parameter KW = Cores > 1 ? $clog2(Cores) : 1,
	parameter TW = Threads > 1 ? $clog2(Threads) : 1,
	parameter PW = Ports > 1 ? $clog2(Ports) : 1
) (
	input  wire                     clk_i,
	input  wire                     rst_i,
	// host registers
	input  wire                     run_i,
	input  wire [7:0]               threads_i,
	input  wire [7:0]               cores_i,
	// ports
	input  wire [Ports-1:0]         row_valid_i,
	input  wire [512*Ports-1:0]     row_data_i,
	input  wire [Ports-1:0]         row_last_i,
	input  wire [12*Ports-1:0]      row_len_i,  // 0: a tick, which has no number
	input  wire [64*Ports-1:0]      row_time_i,
	output wire [Ports-1:0]         row_take_o,
	// tiles: a row left the row fifo
	input  wire [Cores-1:0]         left_i,
	// contexts
	input  wire                     free_i,
	input  wire [KW+TW-1:0]         free_ctx_i,
	output wire [Cores*Threads-1:0] idle_o,
	// ingress register
	output wire                     valid_o,
	output reg                      first_o,
	output reg                      last_o,
	output reg  [511:0]             data_o,
	output reg  [4:0]               place_o,
	output reg  [KW-1:0]            tile_o,
	output reg  [TW-1:0]            thread_o,
	output reg  [PW-1:0]            port_o,
	output reg  [31:0]              number_o,
	output reg  [11:0]              len_o,     // with the last row
	output reg  [63:0]              time_o     // likewise
);
	reg               valid_q, mid_q;
	reg  [31:0]       count_q;     // frames taken
	wire              some_port, some_tile;
	wire [PW-1:0]     next_port;
	wire [KW-1:0]     next_tile;
	wire [Cores-1:0]  open;
	wire [Threads-1:0] below;
	wire [TW*Cores-1:0] threads;
	wire [TW-1:0]     next_thread;
	wire              start = !mid_q && run_i && some_port && some_tile;
	wire              row   = mid_q || start;
	// Port, tile and thread stay in the ingress register for the rest of the frame.
	wire [PW-1:0]     port  = mid_q ? port_o : next_port;
	wire [KW-1:0]     tile  = mid_q ? tile_o : next_tile;
	wire              last;
	wire [511:0]      data;
	wire [11:0]       len;
	wire              tick = len == 12'd0;
	wire [63:0]       stamp;

	assign valid_o = valid_q;

	rr_pick #(.Count(Ports)) ports (
		.clk_i(clk_i), .rst_i(rst_i), .want_i(row_valid_i), .take_i(start), .any_o(some_port), .index_o(next_port)
	);
	rr_pick #(.Count(Cores)) tiles (
		.clk_i(clk_i), .rst_i(rst_i), .want_i(open), .take_i(start), .any_o(some_tile), .index_o(next_tile)
	);
	mux #(.Width(TW), .Count(Cores)) thread_mux (.sel_i(next_tile), .in_i(threads), .out_o(next_thread));
	mux #(.Width(1), .Count(Ports)) last_mux (.sel_i(port), .in_i(row_last_i), .out_o(last));
	mux #(.Width(512), .Count(Ports)) data_mux (.sel_i(port), .in_i(row_data_i), .out_o(data));
	mux #(.Width(12), .Count(Ports)) len_mux (.sel_i(port), .in_i(row_len_i), .out_o(len));
	mux #(.Width(64), .Count(Ports)) time_mux (.sel_i(port), .in_i(row_time_i), .out_o(stamp));

	genvar k;
	generate
		for (k = 0; k < Threads; k = k + 1) begin : g_below
			localparam [7:0] Number = k;
			assign below[k] = Number < threads_i;
		end
		for (k = 0; k < Ports; k = k + 1) begin : g_port
			localparam [PW-1:0] Number = k;
			assign row_take_o[k] = row && port == Number;
		end
		for (k = 0; k < Cores; k = k + 1) begin : g_tile
			localparam [KW-1:0] Number = k;
			localparam [7:0]    Core = k;
			wire here = tile == Number;
			pkt_slots #(.Threads(Threads), .TW(TW)) slots (
				.clk_i(clk_i), .rst_i(rst_i), .on_i(Core < cores_i), .below_i(below),
				.row_i(row && here), .first_i(start && here), .left_i(left_i[k]),
				.free_i(free_i && free_ctx_i[TW +: KW] == Number), .free_thread_i(free_ctx_i[TW-1:0]),
				.idle_o(idle_o[Threads*k +: Threads]), .open_o(open[k]), .thread_o(threads[TW*k +: TW])
			);
		end
	endgenerate

	always @(posedge clk_i) begin
		first_o <= start;
		if (row) begin
			last_o   <= last;
			data_o   <= tick ? 512'd0 : data;
			len_o    <= len;
			time_o   <= stamp;
			place_o  <= start ? 5'd0 : place_o + 5'd1;
			port_o   <= port;
			tile_o   <= tile;
		end
		if (start) begin
			thread_o <= next_thread;
			number_o <= count_q;
		end
		if (rst_i) begin
			valid_q <= 1'b0;
			mid_q   <= 1'b0;
			count_q <= 32'd0;
		end else begin
			valid_q <= row;
			if (row) mid_q <= !last;
			if (start && !tick) count_q <= count_q + 32'd1;
		end
	end

`ifndef SYNTHESIS
	always @(posedge clk_i) if (!rst_i && |(row_take_o & ~row_valid_i)) $display("pkt_ingress: a frame has a gap");
`endif
endmodule

`default_nettype wire
