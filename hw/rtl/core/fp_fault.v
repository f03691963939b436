// SPDX-License-Identifier: Apache-2.0
//
// Map faults of threads that wait for the answer: kept until the thread's next bundle ends the packet.

`default_nettype none

module fp_fault #(
	parameter Threads = 16,
	parameter TW = 4
) (
	input  wire          clk_i,
	input  wire          rst_i,
	// a packet starts
	input  wire          start_i,
	input  wire [TW-1:0] start_thread_i,
	// value unit
	input  wire          value_we_i,
	input  wire [TW-1:0] value_thread_i,
	input  wire [12:0]   value_pc_i,
	input  wire [63:0]   value_addr_i,
	// map engine
	input  wire          engine_we_i,
	input  wire [TW-1:0] engine_thread_i,
	input  wire [12:0]   engine_pc_i,
	input  wire [63:0]   engine_addr_i,
	// pipeline
	input  wire [TW-1:0] r2_thread_i,
	input  wire [TW-1:0] e1_thread_i,
	output reg           e2_fault_o,
	output reg  [12:0]   e2_pc_o,
	output reg  [63:0]   e2_addr_o
);
	reg  [Threads-1:0] by_value_q, by_engine_q;
	wire [Threads-1:0] start, by_value, by_engine;
	reg         e1_by_value_q, e1_by_engine_q;
	wire [76:0] value, engine;

	ram_lut #(.Width(77), .Depth(Threads)) values (
		.clk_i(clk_i), .we_i(value_we_i), .waddr_i(value_thread_i), .wdata_i({value_pc_i, value_addr_i}),
		.raddr_i(e1_thread_i), .rdata_o(value)
	);
	ram_lut #(.Width(77), .Depth(Threads)) engines (
		.clk_i(clk_i), .we_i(engine_we_i), .waddr_i(engine_thread_i), .wdata_i({engine_pc_i, engine_addr_i}),
		.raddr_i(e1_thread_i), .rdata_o(engine)
	);

	hot #(.Count(Threads), .NW(TW)) start_set (.valid_i(start_i), .number_i(start_thread_i), .hot_o(start));
	hot #(.Count(Threads), .NW(TW)) by_value_set (.valid_i(value_we_i), .number_i(value_thread_i), .hot_o(by_value));
	hot #(.Count(Threads), .NW(TW)) by_engine_set (.valid_i(engine_we_i), .number_i(engine_thread_i), .hot_o(by_engine));

	always @(posedge clk_i) begin
		e1_by_value_q        <= by_value_q[r2_thread_i];
		e1_by_engine_q       <= by_engine_q[r2_thread_i];
		e2_fault_o           <= e1_by_value_q || e1_by_engine_q;
		{e2_pc_o, e2_addr_o} <= e1_by_value_q ? value : engine;
		if (rst_i) begin
			by_value_q  <= {Threads{1'b0}};
			by_engine_q <= {Threads{1'b0}};
		end else begin
			by_value_q  <= (by_value_q & ~start) | by_value;
			by_engine_q <= (by_engine_q & ~start) | by_engine;
		end
	end
endmodule

`default_nettype wire
