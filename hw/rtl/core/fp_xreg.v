// SPDX-License-Identifier: Apache-2.0
//
// Special x of each thread: one copy per writer, and who wrote it last. The writers may write in the same cycle, but
// never the same thread.

`default_nettype none

module fp_xreg #(
	parameter Threads = 16,
	parameter TW = 4
) (
	input  wire          clk_i,
	input  wire          rst_i,
	// value unit
	input  wire          value_we_i,
	input  wire [TW-1:0] value_thread_i,
	input  wire [63:0]   value_i,
	// map engine
	input  wire          engine_we_i,
	input  wire [TW-1:0] engine_thread_i,
	input  wire [63:0]   engine_i,
	// division
	input  wire          div_we_i,
	input  wire [TW-1:0] div_thread_i,
	input  wire [63:0]   div_i,
	// fetch
	input  wire [TW-1:0] f2_thread_i,
	input  wire [TW-1:0] f3_thread_i,
	output reg  [63:0]   r1_x_o
);
	wire [63:0] value, engine, div;
	reg  [Threads-1:0] by_value_q, by_engine_q;
	wire [Threads-1:0] by_value, by_engine, by_div;
	reg                f3_by_value_q, f3_by_engine_q;

	ram_lut #(.Width(64), .Depth(Threads)) values (
		.clk_i(clk_i), .we_i(value_we_i), .waddr_i(value_thread_i), .wdata_i(value_i),
		.raddr_i(f3_thread_i), .rdata_o(value)
	);
	ram_lut #(.Width(64), .Depth(Threads)) engines (
		.clk_i(clk_i), .we_i(engine_we_i), .waddr_i(engine_thread_i), .wdata_i(engine_i),
		.raddr_i(f3_thread_i), .rdata_o(engine)
	);
	ram_lut #(.Width(64), .Depth(Threads)) divs (
		.clk_i(clk_i), .we_i(div_we_i), .waddr_i(div_thread_i), .wdata_i(div_i),
		.raddr_i(f3_thread_i), .rdata_o(div)
	);

	hot #(.Count(Threads), .NW(TW)) by_value_set (.valid_i(value_we_i), .number_i(value_thread_i), .hot_o(by_value));
	hot #(.Count(Threads), .NW(TW)) by_engine_set (.valid_i(engine_we_i), .number_i(engine_thread_i), .hot_o(by_engine));
	hot #(.Count(Threads), .NW(TW)) by_div_set (.valid_i(div_we_i), .number_i(div_thread_i), .hot_o(by_div));

	always @(posedge clk_i) begin
		f3_by_value_q  <= by_value_q[f2_thread_i];
		f3_by_engine_q <= by_engine_q[f2_thread_i];
		r1_x_o         <= f3_by_value_q ? value : f3_by_engine_q ? engine : div;
		if (rst_i) begin
			by_value_q  <= {Threads{1'b0}};
			by_engine_q <= {Threads{1'b0}};
		end else begin
			by_value_q  <= (by_value_q | by_value) & ~by_engine & ~by_div;
			by_engine_q <= (by_engine_q | by_engine) & ~by_value & ~by_div;
		end
	end

`ifndef SYNTHESIS
	always @(posedge clk_i) if (!rst_i) begin
		if (value_we_i && engine_we_i && value_thread_i == engine_thread_i)
			$display("fp_xreg: value unit and engine write one thread's x");
		if (value_we_i && div_we_i && value_thread_i == div_thread_i)
			$display("fp_xreg: value unit and division write one thread's x");
		if (engine_we_i && div_we_i && engine_thread_i == div_thread_i)
			$display("fp_xreg: engine and division write one thread's x");
	end
`endif
endmodule

`default_nettype wire
