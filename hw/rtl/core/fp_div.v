// SPDX-License-Identifier: Apache-2.0
//
// Division unit: radix 2, one quotient bit a cycle, with a queue in front. The cycle after the start takes the
// dividend's magnitude, the one after the last bit gives the result its sign.

`include "isa.vh"
`default_nettype none

module fp_div #(
	parameter Threads = 16,
	parameter TW = 4
) (
	input  wire          clk_i,
	input  wire          rst_i,
	// bundle in E2
	input  wire          put_i,
	input  wire [TW-1:0] put_thread_i,
	input  wire [7:0]    put_op_i,
	input  wire          put_w_i,
	input  wire [63:0]   put_a_i,
	input  wire [63:0]   put_b_i,
	// result; the thread is ready from the next cycle
	output wire          x_valid_o,
	output wire [TW-1:0] x_thread_o,
	output wire [63:0]   x_value_o
);
	localparam Width = TW + 3 + 128;
	localparam [TW:0] One = {{TW{1'b0}}, 1'b1};

	wire put_signed = put_op_i == `OP_DIVS || put_op_i == `OP_MODS;
	wire put_mod    = put_op_i == `OP_MODU || put_op_i == `OP_MODS;

	reg  [TW:0]      wr_q, wr_d, rd_q, rd_d;  // one bit more than an address: all threads may be in the queue
	reg              busy_q, busy_d, prepare_q, prepare_d;
	reg  [6:0]       steps_q, steps_d;
	reg  [TW-1:0]    thread_q, thread_d;
	reg              signed_q, signed_d, mod_q, mod_d, w_q, w_d, negate_q, negate_d, zero_q, zero_d, add_q, add_d, use_rem_q, use_rem_d;
	reg  [63:0]      rem_q, rem_d, quot_q, quot_d, by_q, by_d;
	wire [Width-1:0] head;

	wire start = !busy_q && wr_q != rd_q;
	wire done  = busy_q && !prepare_q && steps_q == 7'd0;

	ram_lut #(.Width(Width), .Depth(1 << TW)) queue (
		.clk_i(clk_i), .we_i(put_i), .waddr_i(wr_q[TW-1:0]),
		.wdata_i({put_thread_i, put_signed, put_mod, put_w_i, put_a_i, put_b_i}),
		.raddr_i(rd_q[TW-1:0]), .rdata_o(head)
	);

	// quot_q holds the dividend until its bits have moved into rem_q, of 32 bits from its middle. A negative divisor is added, not
	// subtracted. One negation serves the dividend before and the result after. Nothing contains a divisor of 0.
	wire        next  = w_q ? quot_q[31] : quot_q[63];
	wire        b_neg = signed_q && (w_q ? by_q[31] : by_q[63]);
	wire [63:0] raw   = use_rem_q ? rem_q : quot_q;
	wire [63:0] value = (raw ^ {64{negate_q}}) + {63'd0, negate_q};
	reg  [66:0] sum;
	reg         fits;

	assign x_valid_o  = done;
	assign x_thread_o = thread_q;
	assign x_value_o  = {value[63:32] & {32{!w_q}}, value[31:0]};

	always @(*) begin
		wr_d      = put_i ? wr_q + One : wr_q;
		rd_d      = start ? rd_q + One : rd_q;
		busy_d    = start || (busy_q && !done);
		prepare_d = start;
		steps_d   = steps_q;
		{thread_d, signed_d, mod_d, w_d} = {thread_q, signed_q, mod_q, w_q};
		negate_d  = negate_q;
		zero_d    = zero_q;
		add_d     = add_q;
		use_rem_d = use_rem_q;
		rem_d     = rem_q;
		quot_d    = quot_q;
		by_d      = by_q;
		sum       = 67'd0;
		fits      = 1'b0;
		if (prepare_q) begin
			steps_d  = w_q ? 7'd32 : 7'd64;
			negate_d = negate_q != (b_neg && !mod_q);
			use_rem_d = mod_q;
			add_d    = b_neg;
			zero_d   = by_q == 64'd0 && !mod_q;
			rem_d    = 64'd0;
			quot_d   = value;
			by_d     = w_q ? {{32{b_neg}}, by_q[31:0]} : by_q;
		end else if (busy_q) begin
			sum     = {1'b0, rem_q, next, 1'b1} + {1'b1, !zero_q, by_q ^ {64{!add_q}}, !add_q};
			fits    = !sum[66];
			steps_d = steps_q - 7'd1;
			rem_d   = fits ? sum[64:1] : {rem_q[62:0], next};
			quot_d  = {quot_q[62:0], fits};
		end else if (start) begin
			{thread_d, signed_d, mod_d, w_d, quot_d, by_d} = head;
			negate_d  = signed_d && (w_d ? quot_d[31] : quot_d[63]);
			use_rem_d = 1'b0;
		end
	end

	always @(posedge clk_i) begin
		steps_q  <= steps_d;
		thread_q <= thread_d;
		signed_q <= signed_d;
		mod_q    <= mod_d;
		w_q      <= w_d;
		negate_q <= negate_d;
		zero_q   <= zero_d;
		add_q    <= add_d;
		use_rem_q <= use_rem_d;
		rem_q    <= rem_d;
		quot_q   <= quot_d;
		by_q     <= by_d;
		if (rst_i) begin
			wr_q      <= {TW+1{1'b0}};
			rd_q      <= {TW+1{1'b0}};
			busy_q    <= 1'b0;
			prepare_q <= 1'b0;
		end else begin
			wr_q      <= wr_d;
			rd_q      <= rd_d;
			busy_q    <= busy_d;
			prepare_q <= prepare_d;
		end
	end

	wire unused = &{1'b0, sum[65], sum[0]};

`ifndef SYNTHESIS
	always @(posedge clk_i) if (!rst_i && put_i && wr_q - rd_q == Threads[TW:0])
		$display("fp_div: more divisions than threads");
`endif
endmodule

`default_nettype wire
