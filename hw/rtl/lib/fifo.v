// SPDX-License-Identifier: Apache-2.0
//
// Queue in a LUT memory: an entry put in in cycle t can be seen at the head from t + 1. The user never pushes into a full
// one. Depth is a power of two.

`default_nettype none

module fifo #(
	parameter Width = 8,
	parameter Depth = 16,
	parameter AW = Depth > 1 ? $clog2(Depth) : 1
) (
	input  wire             clk_i,
	input  wire             rst_i,
	input  wire             push_i,
	input  wire [Width-1:0] data_i,
	output wire             valid_o,
	output wire [Width-1:0] head_o,
	output wire [AW:0]      count_o,
	input  wire             pop_i
);
	localparam [AW:0] Zero = {AW+1{1'b0}}, One = {{AW{1'b0}}, 1'b1};

	reg [AW-1:0] wr_q, rd_q;
	reg [AW:0]   count_q;
	reg          valid_q;      // count_q is not 0

	assign valid_o = valid_q;
	assign count_o = count_q;

`ifdef VERILATOR
	// A long head is a register in a simulator, which else reads it anew in every clock.
	localparam Long = 64;
	generate
		if (Width > Long && Depth > 1) begin : g_long
			reg [Width-1:0] mem_q [0:Depth-1];
			reg [Width-1:0] head_q;
			wire [AW-1:0]   next = rd_q + One[AW-1:0];

			always @(posedge clk_i) begin
				if (push_i) mem_q[wr_q] <= data_i;
				if (push_i && count_q == {{AW{1'b0}}, pop_i}) head_q <= data_i;
				else if (pop_i) head_q <= mem_q[next];
			end
			assign head_o = head_q;
		end else begin : g_short
			ram_lut #(.Width(Width), .Depth(Depth)) mem (
				.clk_i(clk_i), .we_i(push_i), .waddr_i(wr_q), .wdata_i(data_i), .raddr_i(rd_q), .rdata_o(head_o)
			);
		end
	endgenerate
`else
	ram_lut #(.Width(Width), .Depth(Depth)) mem (
		.clk_i(clk_i), .we_i(push_i), .waddr_i(wr_q), .wdata_i(data_i), .raddr_i(rd_q), .rdata_o(head_o)
	);
`endif

	always @(posedge clk_i) begin
		if (rst_i) begin
			wr_q    <= Zero[AW-1:0];
			rd_q    <= Zero[AW-1:0];
			count_q <= Zero;
			valid_q <= 1'b0;
		end else begin
			if (push_i) wr_q <= wr_q + One[AW-1:0];
			if (pop_i) rd_q <= rd_q + One[AW-1:0];
			if (push_i && !pop_i) count_q <= count_q + One;
			if (!push_i && pop_i) count_q <= count_q - One;
			if (push_i != pop_i) valid_q <= push_i || count_q != One;
		end
	end

`ifndef SYNTHESIS
	always @(posedge clk_i) if (!rst_i) begin
		if (pop_i && !valid_q) $display("fifo: an entry is taken from an empty queue");
		if (push_i && count_q == Depth[AW:0]) $display("fifo: an entry is put into a full queue");
	end
`endif
endmodule

`default_nettype wire
