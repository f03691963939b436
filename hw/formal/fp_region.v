// SPDX-License-Identifier: Apache-2.0
//
// fp_region: an access that is called legal touches no byte outside its packet or its stack, and no legal one is refused; for every
// address, length and width.
//@ sources: hw/rtl/core/fp_region.v
//@ bound: 3
//@ induction: 2
//@ break: hw/rtl/core/fp_region.v: s/offset <= {1'b0, e2_highest_q}/offset <= {1'b0, e2_highest_q} + 13'd1/
//@ break: hw/rtl/core/fp_region.v: s/offset >= {2'd0, e2_front_q} \&\& //
//@ break: hw/rtl/core/fp_region.v: s/e2_addr_i\[59:13\] == 47'd0/e2_addr_i[59:14] == 46'd0/
//@ break: hw/rtl/core/fp_region.v: s/&& aligned;/;/

`include "regs.vh"
`default_nettype none

module fp_region_proof (
	input wire        clk_i,
	input wire [10:0] front_i,
	input wire [11:0] end_i,
	input wire [2:0]  width_i,
	input wire [63:0] addr_i
);
	wire        stack, legal;
	reg  [10:0] front_q;
	reg  [11:0] end_q;
	reg  [2:0]  width_q;
	reg         started_q = 0;

	fp_region dut (
		.clk_i(clk_i), .e1_front_i(front_i), .e1_end_i(end_i), .e1_width_i(width_i), .e2_addr_i(addr_i), .e2_width_i(width_q), .e2_stack_o(stack),
		.e2_legal_o(legal)
	);

	always @(posedge clk_i) begin
		started_q <= 1;
		front_q   <= front_i;
		end_q     <= end_i;
		width_q   <= width_i;
	end

	// The sentence of machine.md, in numbers that cannot overflow.
	wire [63:0] size     = width_q[2] ? 64'd6 : 64'd1 << width_q;
	wire [63:0] step     = width_q[2] ? 64'd8 : size;
	wire [63:0] first    = {4'd0, addr_i[59:0]};
	wire        packet   = addr_i[63:60] == `NIC_TAG_PKT && first >= {53'd0, front_q} && first + size <= {52'd0, end_q};
	wire        on_stack = addr_i[63:60] == `NIC_TAG_STACK && first + size <= `NIC_STACK_BYTES && (first & (step - 64'd1)) == 0;

	always @(*) begin
		assume(width_i <= 3'd4);
		assume(end_i > {1'b0, front_i} && end_i > 12'd8);
		if (started_q) begin
			assert(legal == (packet || on_stack));
			if (legal) assert(stack == on_stack);
		end
	end
endmodule
