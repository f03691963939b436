// SPDX-License-Identifier: Apache-2.0
//
// Queue with its head in a register: an entry put into an empty queue in cycle t is the head from t + 1.
// The user never pushes into a full queue (the core issues nothing below CMD_RESERVE free places).

`include "ram_style.vh"
`default_nettype none

module map_queue #(
	parameter Width = 8,
	parameter Depth = 32,
	parameter CW = $clog2(Depth + 1)
) (
	input  wire             clk_i,
	input  wire             rst_i,
	input  wire             push_i,
	input  wire [Width-1:0] data_i,
	output wire             valid_o,
	output wire [Width-1:0] head_o,
	output wire [CW-1:0]    count_o,
	input  wire             pop_i
);
	localparam AW = $clog2(Depth);

	// Entries behind the head.
	`RAM_LUT reg [Width-1:0] mem_q [0:Depth-1];
	reg [Width-1:0] head_q;
	reg [AW-1:0]    wr_q, rd_q;
	reg [CW-1:0]    count_q;
	// Straight into the head register when nothing else will stand there.
	wire            to_mem = push_i && count_q > {{CW-1{1'b0}}, pop_i};
	wire            from_mem = pop_i && rd_q != wr_q;

	assign valid_o = count_q != {CW{1'b0}};
	assign head_o  = head_q;
	assign count_o = count_q;

	always @(posedge clk_i) if (to_mem) mem_q[wr_q] <= data_i;

	always @(posedge clk_i) begin
		if (from_mem) head_q <= mem_q[rd_q];
		else if (push_i && !to_mem) head_q <= data_i;
		if (rst_i) begin
			wr_q    <= {AW{1'b0}};
			rd_q    <= {AW{1'b0}};
			count_q <= {CW{1'b0}};
		end else begin
			if (to_mem) wr_q <= wr_q + {{AW-1{1'b0}}, 1'b1};
			if (from_mem) rd_q <= rd_q + {{AW-1{1'b0}}, 1'b1};
			count_q <= count_q + {{CW-1{1'b0}}, push_i} - {{CW-1{1'b0}}, pop_i};
		end
	end

`ifndef SYNTHESIS
	always @(posedge clk_i) if (!rst_i) begin
		if (pop_i && !valid_o) $display("map_queue: an entry is taken from an empty queue");
		if (push_i && !pop_i && count_q == Depth[CW-1:0]) $display("map_queue: an entry is put into a full queue");
	end
`endif
endmodule

`default_nettype wire
