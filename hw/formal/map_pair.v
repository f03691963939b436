// SPDX-License-Identifier: Apache-2.0
//
// map_pair, the skid buffer: what comes out is what went in, in that order, and count and valid are right, as long as nothing is pushed into
// a full one or popped from an empty one.
//@ sources: hw/rtl/map/map_pair.v
//@ bound: 6
//@ induction: 2
//@ break: hw/rtl/map/map_pair.v: s/count_q == 2'd2 ? next_q : data_i/next_q/
//@ break: hw/rtl/map/map_pair.v: s/if (push_i) next_q/if (push_i \&\& pop_i) next_q/
//@ break: hw/rtl/map/map_pair.v: s/if (pop_i || !valid_o) head_q/if (pop_i) head_q/

`default_nettype none

module map_pair_proof (
	input wire       clk_i,
	input wire       rst_i,
	input wire       push_i,
	input wire [1:0] data_i,
	input wire       pop_i
);
	wire       valid;
	wire [1:0] head, count;

	map_pair #(.Width(2)) dut (
		.clk_i(clk_i), .rst_i(rst_i), .push_i(push_i), .data_i(data_i), .valid_o(valid), .head_o(head), .count_o(count), .pop_i(pop_i)
	);

	// The model: entries in a shift register, the first one lowest.
	reg [3:0]  model_q, model_d;
	reg [1:0]  count_q;
	reg        started_q = 0;
	wire [1:0] at = count_q - {1'b0, pop_i};

	always @(*) begin
		model_d = pop_i ? model_q >> 2 : model_q;
		if (push_i) model_d[2*at[0] +: 2] = data_i;
	end

	always @(posedge clk_i) begin
		started_q <= 1;
		model_q   <= model_d;
		count_q   <= rst_i ? 0 : count_q + push_i - pop_i;
	end

	(* hierconn *) wire [1:0] \dut.next_q ;

	always @(*) begin
		assume(started_q || rst_i);
		assume(!pop_i || count_q != 0);
		assume(!push_i || count_q != 2);
		if (started_q) begin
			assert(count_q <= 2);
			assert(count == count_q);
			assert(valid == (count_q != 0));
			if (valid) assert(head == model_q[1:0]);
			if (count_q == 2) assert(\dut.next_q == model_q[3:2]);
		end
	end
endmodule
