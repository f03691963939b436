// SPDX-License-Identifier: Apache-2.0
//
// fp_fault: the bundle of a thread ends with a map fault if and only if one was reported for it since its packet started, and with that
// fault's bundle and address. The thread that is followed is any.
//@ sources: hw/rtl/core/fp_fault.v
//@ bound: 6
//@ induction: 2
//@ break: hw/rtl/core/fp_fault.v: s/by_engine_q \& ~start/by_engine_q/
//@ break: hw/rtl/core/fp_fault.v: s/e1_by_value_q ? value : engine/e1_by_engine_q ? value : engine/
//@ break: hw/rtl/core/fp_fault.v: s/valid_i(engine_we_i)/valid_i(engine_we_i \&\& !value_we_i)/

`default_nettype none

module fp_fault_proof (
	input wire        clk_i,
	input wire        rst_i,
	input wire        start_i, value_we_i, engine_we_i,
	input wire        start_thread_i, value_thread_i, engine_thread_i, r2_thread_i,
	input wire [12:0] value_pc_i, engine_pc_i,
	input wire [63:0] value_addr_i, engine_addr_i
);
	(* anyconst *) reg followed;
	wire        fault;
	wire [12:0] pc;
	wire [63:0] addr;
	reg         e1_thread_q;

	fp_fault #(.Threads(2), .TW(1)) dut (
		.clk_i(clk_i), .rst_i(rst_i), .start_i(start_i), .start_thread_i(start_thread_i), .value_we_i(value_we_i),
		.value_thread_i(value_thread_i), .value_pc_i(value_pc_i), .value_addr_i(value_addr_i), .engine_we_i(engine_we_i),
		.engine_thread_i(engine_thread_i), .engine_pc_i(engine_pc_i), .engine_addr_i(engine_addr_i), .r2_thread_i(r2_thread_i),
		.e1_thread_i(e1_thread_q), .e2_fault_o(fault), .e2_pc_o(pc), .e2_addr_o(addr)
	);

	wire by_value  = value_we_i && value_thread_i == followed;
	wire by_engine = engine_we_i && engine_thread_i == followed;
	wire starts    = start_i && start_thread_i == followed;

	reg        started_q = 0, pending_q, e1_asked_q, e2_asked_q;
	reg [12:0] pc_q;
	reg [63:0] addr_q;

	always @(posedge clk_i) begin
		started_q   <= 1;
		e1_thread_q <= r2_thread_i;
		pending_q   <= !rst_i && (by_value || by_engine || (pending_q && !starts));
		if (by_value || by_engine) begin
			pc_q   <= by_value ? value_pc_i : engine_pc_i;
			addr_q <= by_value ? value_addr_i : engine_addr_i;
		end
		// A bundle is in the pipeline: its thread neither waits nor starts.
		e1_asked_q <= !rst_i && r2_thread_i == followed && !by_value && !by_engine && !starts;
		e2_asked_q <= !rst_i && e1_asked_q && !by_value && !by_engine && !starts;
	end

	(* hierconn *) wire [1:0]  \dut.by_value_q , \dut.by_engine_q ;
	(* hierconn *) wire        \dut.e1_by_value_q , \dut.e1_by_engine_q ;
	(* hierconn *) wire [76:0] \dut.values.mem_q[0] , \dut.values.mem_q[1] , \dut.engines.mem_q[0] , \dut.engines.mem_q[1] ;
	wire [76:0] in_values   = followed ? \dut.values.mem_q[1] : \dut.values.mem_q[0] ;
	wire [76:0] in_engines  = followed ? \dut.engines.mem_q[1] : \dut.engines.mem_q[0] ;
	wire        from_value  = \dut.by_value_q [followed];
	wire        from_engine = \dut.by_engine_q [followed];

	always @(*) begin
		assume(started_q || rst_i);
		// One answer to a waiting thread, and none after a fault, which ends the packet.
		assume(!(by_value && by_engine));
		assume(!((by_value || by_engine) && (pending_q || starts)));
		if (started_q) begin
			if (e2_asked_q) assert(fault == pending_q);
			if (e2_asked_q && fault) assert({pc, addr} == {pc_q, addr_q});
			assert(pending_q == (from_value || from_engine));
			assert(!(from_value && from_engine));
			if (from_value) assert(in_values == {pc_q, addr_q});
			if (from_engine) assert(in_engines == {pc_q, addr_q});
			if (e1_asked_q)
				assert(e1_thread_q == followed && \dut.e1_by_value_q == from_value && \dut.e1_by_engine_q == from_engine);
		end
	end
endmodule
