// SPDX-License-Identifier: Apache-2.0
//
// What becomes of the words that a tile was granted: in the order of the grants, Latency + 2 cycles later.

`default_nettype none

module map_answer #(
	parameter TW = 4,
	parameter Banks = 4,
	parameter Latency = 2
) (
	input  wire                clk_i,
	input  wire                rst_i,
	// a grant
	input  wire                gnt_i,
	input  wire                respond_i,   // a thread waits for it
	input  wire                fault_i,
	input  wire                split_i,     // the low word is the one granted before, with the same offset, width and order
	input  wire [$clog2(Banks)-1:0] bank_i,
	input  wire [2:0]          off_i,
	input  wire [1:0]          width_i,
	input  wire                swap_i,
	input  wire                sign_i,
	input  wire [TW-1:0]       thread_i,
	input  wire [64*Banks-1:0] words_i,     // of all banks, Latency + 1 cycles after the grant
	// that an answer comes in two cycles
	output wire                wake_o,
	output wire [TW-1:0]       wake_thread_o,
	// the answer
	output wire                valid_o,
	output wire                fault_o,
	output wire [TW-1:0]       thread_o,
	output wire [63:0]         value_o,
	output wire                idle_o
);
	localparam BW = $clog2(Banks);
	localparam PW = 1 + 1 + 3 + 2 + 1 + 1;

	wire [BW-1:0] here;          // bank of the word that is there
	wire          split, swap, sign;
	wire [2:0]    off;
	wire [1:0]    width;
	reg  [Latency+1:0] gnt_q, respond_q;

	delay #(.Width(BW), .Stages(Latency + 1)) to_word (.clk_i(clk_i), .d_i(bank_i), .q_o(here));
	delay #(.Width(PW), .Stages(Latency + 2)) to_answer (
		.clk_i(clk_i),
		.d_i({fault_i, split_i, off_i, width_i, swap_i, sign_i}),
		.q_o({fault_o, split, off, width, swap, sign})
	);
	delay #(.Width(TW), .Stages(Latency)) thread_to_wake (.clk_i(clk_i), .d_i(thread_i), .q_o(wake_thread_o));
	delay #(.Width(TW), .Stages(2)) thread_to_answer (.clk_i(clk_i), .d_i(wake_thread_o), .q_o(thread_o));

	reg  [63:0] word_q, before_q;
	wire [63:0] word, turned;
	mux #(.Width(64), .Count(Banks)) bank (.sel_i(here), .in_i(words_i), .out_o(word));
	map_value load (
		.word_i(word_q), .second_i(split), .first_i(before_q), .off_i(off), .width_i(width), .swap_i(swap), .sign_i(sign),
		.turned_o(turned), .value_o(value_o)
	);

	assign wake_o  = respond_q[Latency-1];
	assign valid_o = respond_q[Latency+1];
	assign idle_o  = gnt_q == {Latency+2{1'b0}};

	always @(posedge clk_i) begin
		word_q    <= word;
		if (gnt_q[Latency+1]) before_q <= turned;
		gnt_q     <= rst_i ? {Latency+2{1'b0}} : {gnt_q[Latency:0], gnt_i};
		respond_q <= rst_i ? {Latency+2{1'b0}} : {respond_q[Latency:0], gnt_i && respond_i};
	end
endmodule

`default_nettype wire
