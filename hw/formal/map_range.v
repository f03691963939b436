// SPDX-License-Identifier: Apache-2.0
//
// map_range: an operand that is called good lies wholly inside its region, and no such operand is refused; for every pointer, size
// and descriptor.
//@ sources: hw/rtl/map/map_range.v
//@ bound: 1
//@ induction: 2
//@ break: hw/rtl/map/map_range.v: s/stop <= {1'b0, high}/stop[31:0] <= high/
//@ break: hw/rtl/map/map_range.v: s/start >= low \&\& //
//@ break: hw/rtl/map/map_range.v: s/ && map_ok_i//

`include "regs.vh"
`default_nettype none

module map_range_proof (
	input wire [63:0] ptr_i,
	input wire [31:0] size_i,
	input wire [11:0] front_i,
	input wire [11:0] end_i,
	input wire        map_ok_i,
	input wire [31:0] values_i,
	input wire [31:0] limit_i
);
	wire ok;

	map_range dut (
		.ptr_i(ptr_i), .size_i(size_i), .front_i(front_i), .end_i(end_i), .map_ok_i(map_ok_i), .values_i(values_i), .limit_i(limit_i), .ok_o(ok)
	);

	wire [63:0] size   = {32'd0, size_i};
	wire [63:0] local_first = {4'd0, ptr_i[59:0]};
	wire [63:0] map_first   = {32'd0, ptr_i[31:0]};
	wire packet = ptr_i[63:60] == `NIC_TAG_PKT && local_first >= {52'd0, front_i} && local_first + size <= {52'd0, end_i};
	wire stack  = ptr_i[63:60] == `NIC_TAG_STACK && local_first + size <= `NIC_STACK_BYTES;
	wire map    = ptr_i[63:60] == `NIC_TAG_MAP && ptr_i[59:56] == 0 && ptr_i[47:32] == 0 && map_ok_i && map_first >= {32'd0, values_i}
		&& map_first + size <= {32'd0, limit_i};

	always @(*) begin
		assume(size_i != 0);
		assert(ok == (packet || stack || map));
	end
endmodule
