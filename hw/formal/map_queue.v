// SPDX-License-Identifier: Apache-2.0
//
// map_queue: what comes out is what went in, in that order, and count and valid are right, as long as nothing is pushed into a full
// queue or popped from an empty one.
//@ sources: hw/rtl/map/map_queue.v
//@ bound: 8
//@ induction: 2
//@ break: hw/rtl/map/map_queue.v: s/count_q > /count_q >= /
//@ break: hw/rtl/map/map_queue.v: s/pop_i && rd_q != wr_q/pop_i/
//@ break: hw/rtl/map/map_queue.v: s/else if (push_i && !to_mem)/else if (push_i)/

`default_nettype none

module map_queue_proof (
	input wire       clk_i,
	input wire       rst_i,
	input wire       push_i,
	input wire [1:0] data_i,
	input wire       pop_i
);
	wire       valid;
	wire [1:0] head;
	wire [2:0] count;

	map_queue #(.Width(2), .Depth(4)) dut (
		.clk_i(clk_i), .rst_i(rst_i), .push_i(push_i), .data_i(data_i), .valid_o(valid), .head_o(head), .count_o(count), .pop_i(pop_i)
	);

	// The model: entries in a shift register, the first one lowest.
	reg [7:0] model_q, model_d;
	reg [2:0] count_q;
	reg       started_q = 0;
	wire [2:0] at = count_q - {2'd0, pop_i};

	always @(*) begin
		model_d = pop_i ? model_q >> 2 : model_q;
		if (push_i) model_d[2*at[1:0] +: 2] = data_i;
	end

	always @(posedge clk_i) begin
		started_q <= 1;
		model_q   <= model_d;
		count_q   <= rst_i ? 0 : count_q + push_i - pop_i;
	end

	// Inside: the head is apart, the others stand in memory from rd to wr.
	(* hierconn *) wire [1:0] \dut.rd_q , \dut.wr_q , \dut.mem_q[0] , \dut.mem_q[1] , \dut.mem_q[2] , \dut.mem_q[3] ;
	wire [15:0] ring = {2{\dut.mem_q[3] , \dut.mem_q[2] , \dut.mem_q[1] , \dut.mem_q[0] }};
	wire [15:0] behind = ring >> {\dut.rd_q , 1'b0};
	wire [1:0]  left = \dut.wr_q - \dut.rd_q ;
	integer     i;

	always @(*) begin
		assume(started_q || rst_i);
		assume(!pop_i || count_q != 0);
		assume(!push_i || pop_i || count_q != 4);
		if (started_q) begin
			assert(count == count_q);
			assert(count_q <= 4);
			assert(valid == (count_q != 0));
			if (valid) assert(head == model_q[1:0]);
			assert(left == (count_q == 0 ? 0 : count_q - 1));
			for (i = 0; i < 3; i = i + 1)
				if (i + 1 < count_q) assert(behind[2*i +: 2] == model_q[2*i+2 +: 2]);
		end
	end
endmodule
