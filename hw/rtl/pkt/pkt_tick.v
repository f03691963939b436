// SPDX-License-Identifier: Apache-2.0
//
// Behind the input of a port: when the port's period has gone by, puts a frame of no bytes, a tick, in front of the next frame that is
// whole. The next period begins when the tick has ended.

`default_nettype none

module pkt_tick (
	input  wire        clk_i,
	input  wire        rst_i,
	// host register
	input  wire [31:0] period_i,      // clocks; 0: no ticks
	// input of the port
	input  wire        valid_i,
	input  wire        last_i,
	input  wire [11:0] len_i,
	output wire        take_o,
	// dispatch
	output wire        valid_o,
	output wire        last_o,
	output wire [11:0] len_o,         // 0: a tick
	input  wire        take_i,
	// egress: the tick has ended
	input  wire        done_i
);
	reg  [31:0] count_q, count_d;
	reg         due_q, due_d, inside_q, inside_d;
	reg         mid_q;                // a frame has begun and not ended
	wire        on    = period_i != 32'd0;
	wire        offer = due_q && on && !mid_q;
	wire [31:0] next  = count_q + 32'd1;

	assign valid_o = offer || valid_i;
	assign last_o  = offer || last_i;
	assign len_o   = len_i & {12{!offer}};
	assign take_o  = take_i && !offer;

	always @(*) begin
		count_d  = count_q;
		due_d    = due_q && on;
		inside_d = inside_q && !done_i;
		if (take_i && offer) begin
			due_d    = 1'b0;
			inside_d = 1'b1;
		end else if (!on) begin
			count_d = 32'd0;
		end else if (!due_q && !inside_q) begin
			due_d   = next >= period_i;
			count_d = due_d ? 32'd0 : next;
		end
	end

	always @(posedge clk_i) begin
		if (rst_i) begin
			count_q  <= 32'd0;
			due_q    <= 1'b0;
			inside_q <= 1'b0;
			mid_q    <= 1'b0;
		end else begin
			count_q  <= count_d;
			due_q    <= due_d;
			inside_q <= inside_d;
			if (take_o) mid_q <= !last_i;
		end
	end
endmodule

`default_nettype wire
