// SPDX-License-Identifier: Apache-2.0
//
// fp_xreg: a thread that is fetched reads the x that was written last for it, whoever wrote it and whatever is written for others
// meanwhile. The thread that is followed is any.
//@ sources: hw/rtl/core/fp_xreg.v
//@ bound: 6
//@ induction: 2
//@ break: hw/rtl/core/fp_xreg.v: s/ \& ~by_value / /
//@ break: hw/rtl/core/fp_xreg.v: s/~by_engine \& ~by_div/~by_engine/
//@ break: hw/rtl/core/fp_xreg.v: s/f3_by_value_q ? value : f3_by_engine_q ? engine : div/f3_by_engine_q ? engine : f3_by_value_q ? div : value/

`default_nettype none

module fp_xreg_proof (
	input wire        clk_i,
	input wire        rst_i,
	input wire        value_we_i, engine_we_i, div_we_i,
	input wire        value_thread_i, engine_thread_i, div_thread_i, f2_thread_i,
	input wire [63:0] value_i, engine_i, div_i
);
	(* anyconst *) reg followed;
	wire [63:0] x;
	reg         f3_thread_q;

	fp_xreg #(.Threads(2), .TW(1)) dut (
		.clk_i(clk_i), .rst_i(rst_i), .value_we_i(value_we_i), .value_thread_i(value_thread_i), .value_i(value_i),
		.engine_we_i(engine_we_i), .engine_thread_i(engine_thread_i), .engine_i(engine_i), .div_we_i(div_we_i),
		.div_thread_i(div_thread_i), .div_i(div_i), .f2_thread_i(f2_thread_i), .f3_thread_i(f3_thread_q), .r1_x_o(x)
	);

	wire by_value  = value_we_i && value_thread_i == followed;
	wire by_engine = engine_we_i && engine_thread_i == followed;
	wire by_div    = div_we_i && div_thread_i == followed;
	wire written   = by_value || by_engine || by_div;

	reg [63:0] last_q;
	reg        started_q = 0, known_q, f3_asked_q, r1_asked_q;

	always @(posedge clk_i) begin
		started_q   <= 1;
		f3_thread_q <= f2_thread_i;
		known_q     <= !rst_i && (known_q || written);
		if (written) last_q <= by_value ? value_i : by_engine ? engine_i : div_i;
		// Asked for in F2 and F3, while nothing is written for the thread: it is not waiting.
		f3_asked_q <= !rst_i && known_q && f2_thread_i == followed && !written;
		r1_asked_q <= !rst_i && f3_asked_q && !written;
	end

	(* hierconn *) wire [1:0]  \dut.by_value_q , \dut.by_engine_q ;
	(* hierconn *) wire        \dut.f3_by_value_q , \dut.f3_by_engine_q ;
	(* hierconn *) wire [63:0] \dut.values.mem_q[0] , \dut.values.mem_q[1] , \dut.engines.mem_q[0] , \dut.engines.mem_q[1] ,
		\dut.divs.mem_q[0] , \dut.divs.mem_q[1] ;
	wire [63:0] in_values  = followed ? \dut.values.mem_q[1] : \dut.values.mem_q[0] ;
	wire [63:0] in_engines = followed ? \dut.engines.mem_q[1] : \dut.engines.mem_q[0] ;
	wire [63:0] in_divs    = followed ? \dut.divs.mem_q[1] : \dut.divs.mem_q[0] ;
	wire        value_last = \dut.by_value_q [followed];
	wire        engine_last = \dut.by_engine_q [followed];

	always @(*) begin
		assume(started_q || rst_i);
		assume(!rst_i || !(value_we_i || engine_we_i || div_we_i));
		assume({1'b0, by_value} + by_engine + by_div <= 1);
		if (started_q) begin
			if (r1_asked_q) assert(x == last_q);
			assert(!(value_last && engine_last));
			if (known_q) assert(last_q == (value_last ? in_values : engine_last ? in_engines : in_divs));
			if (f3_asked_q) begin
				assert(known_q && f3_thread_q == followed);
				assert(\dut.f3_by_value_q == value_last && \dut.f3_by_engine_q == engine_last);
			end
			if (r1_asked_q) assert(known_q);
		end
	end
endmodule
