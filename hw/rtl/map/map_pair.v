// SPDX-License-Identifier: Apache-2.0
//
// Queue of two entries in registers, its head in one of them: an entry put in in cycle t can be seen from t + 1. The user never
// pushes into a full one.

`default_nettype none

module map_pair #(
	parameter Width = 8
) (
	input  wire             clk_i,
	input  wire             rst_i,
	input  wire             push_i,
	input  wire [Width-1:0] data_i,
	output wire             valid_o,
	output wire [Width-1:0] head_o,
	output wire [1:0]       count_o,
	input  wire             pop_i
);
	reg [Width-1:0] head_q, next_q;
	reg [1:0]       count_q;

	assign valid_o = count_q != 2'd0;
	assign head_o  = head_q;
	assign count_o = count_q;

	always @(posedge clk_i) begin
		if (pop_i || !valid_o) head_q <= count_q == 2'd2 ? next_q : data_i;
		if (push_i) next_q <= data_i;
		count_q <= rst_i ? 2'd0 : count_q + {1'b0, push_i} - {1'b0, pop_i};
	end

`ifndef SYNTHESIS
	always @(posedge clk_i) if (!rst_i) begin
		if (pop_i && !valid_o) $display("map_pair: an entry is taken from an empty queue");
		if (push_i && count_q == 2'd2) $display("map_pair: an entry is put into a full queue");
	end
`endif
endmodule

`default_nettype wire
